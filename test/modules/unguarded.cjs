const { runInExecutor } = require('offloop');

const answer = runInExecutor(process.argv[2] ?? 'thread', function answer() {
  return 42;
});

answer().then(console.log, (error) => console.log(error.code, error.message));
