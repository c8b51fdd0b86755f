// A setup module of CommonJS that is its default export.
module.exports = async (container) => {
  await null;
  container.register('from setup', { useValue: { open: () => 'opened' } });
};
