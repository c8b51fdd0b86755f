// The main entry with the project’s own code only, minified and compressed: it is not to grow unnoticed.
module.exports = [
  {
    path: 'dist/index.js',
    limit: '42 kB',
    modifyEsbuildConfig: (config) => ({ ...config, platform: 'node', packages: 'external' }),
  },
];
