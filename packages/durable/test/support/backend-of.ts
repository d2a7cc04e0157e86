import { bullmqBackend, type JobBackend, postgresBackend } from '@outlive/durable';

/** The backend for a URL; its jobs are apart from those of another `space` in the same store. */
export function backendOf(url: string, space = 'outlive', timeout = 10_000): JobBackend {
  return url.startsWith('redis:')
    ? bullmqBackend({ connection: url, prefix: space, commandTimeout: timeout })
    : postgresBackend({ connectionString: url, schema: space, queryTimeout: timeout });
}
