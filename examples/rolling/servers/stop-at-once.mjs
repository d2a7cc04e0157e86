// @ts-check

/**
 * How it is done without Outlive, in most tutorials.
 * @param {import('node:http').Server} server
 */
export function stopAtOnce(server) {
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0));
  });
}
