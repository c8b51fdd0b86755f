globalThis.fromSetup = 'set up';
module.exports = () => {};
