import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';

export default {
  input: 'main.mjs',
  output: { file: 'rollup/main.mjs', format: 'es', inlineDynamicImports: true },
  external: ['bullmq', 'ioredis', 'pg-boss', '@electric-sql/pglite'],
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs(), json()],
  onwarn(warning, warn) {
    if (warning.id?.includes('@outlive') || warning.exporter?.includes('@outlive')) throw warning;
    if (warning.code === 'UNRESOLVED_IMPORT') warn(warning);
  },
};
