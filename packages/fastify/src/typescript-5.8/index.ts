// What `package.json` names as the types for TypeScript 5.4 to 5.8.
export * from '../index.ts';
export { atomic } from './atomic.ts';
