// The main entry with the project's own code only; the plugin reports it minified and compressed.
module.exports = [
  {
    path: 'dist/index.js',
    limit: '30 kB',
    modifyEsbuildConfig: (config) => ({ ...config, platform: 'node', packages: 'external' }),
  },
];
