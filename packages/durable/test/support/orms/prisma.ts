import { PrismaPg } from '@prisma/adapter-pg';
import { getPrismaClient } from '@prisma/client/runtime/client';
import type { PrismaTransaction } from '@outlive/durable';
import type { Library } from './library.ts';

/** Without declarations. */
const compiler = '@prisma/client/runtime/query_compiler_small_bg.postgresql';

/** The methods of a client that are used here, of the type that is generated with them. */
interface Prisma {
  $transaction(work: (tx: PrismaTransaction & Queries) => Promise<void>): Promise<void>;
  $disconnect(): Promise<void>;
}

interface Queries {
  $queryRawUnsafe(text: string): Promise<unknown>;
}

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
    getRuntime: async () => import(`${compiler}.js`),
    async getQueryCompilerWasmModule() {
      const { wasm } = (await import(`${compiler}.wasm-base64.js`)) as { wasm: string };
      return new WebAssembly.Module(Buffer.from(wasm, 'base64'));
    },
    importName: './query_compiler_small_bg.js',
  },
});

export async function openPrisma(connectionString: string): Promise<Library> {
  const adapter = new PrismaPg({ connectionString, max: 2 });
  const prisma = new PrismaClient({ adapter }) as Prisma;
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
