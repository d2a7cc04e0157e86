import { PrismaPg } from '@prisma/adapter-pg';
import { getPrismaClient } from '@prisma/client/runtime/client';
import type { Library } from './library.ts';

/** What `prisma generate` makes of a schema without models; its own program is too large to install for that. */
const PrismaClient = getPrismaClient({
  previewFeatures: [],
  clientVersion: '7.10.0',
  engineVersion: '0edf323efd1d98336f3f0a68684b56f689b900d3',
  activeProvider: 'postgresql',
  inlineSchema: 'datasource db {\n  provider = "postgresql"\n}\n',
  runtimeDataModel: { models: {}, enums: {}, types: {} },
  parameterizationSchema: { strings: [], graph: 'AAAA' },
  compilerWasm: {
    getRuntime: async () => import('@prisma/client/runtime/query_compiler_small_bg.postgresql.js'),
    async getQueryCompilerWasmModule() {
      const { wasm } =
        await import('@prisma/client/runtime/query_compiler_small_bg.postgresql.wasm-base64.js');
      return new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    },
    importName: './query_compiler_small_bg.js',
  },
});

export async function openPrisma(connectionString: string): Promise<Library> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 2 }) });
  return {
    others: [['a PrismaClient', prisma]],
    async transaction(work) {
      await prisma.$transaction(async (tx) => {
        await work(tx, (text) => tx.$queryRawUnsafe(text));
      });
    },
    close: async () => prisma.$disconnect(),
  };
}
