module.exports = {
  mode: 'production',
  target: 'node20',
  entry: './main.mjs',
  output: { path: `${__dirname}/webpack`, filename: 'main.cjs' },
  externalsType: 'commonjs',
  externals: ['bullmq', 'ioredis', 'pg-boss', '@electric-sql/pglite'],
  experiments: { topLevelAwait: true },
};
