const names = /mysql|maria|sqlite|sql ?server|mssql|oracle|singlestore|mongo/i;

/**
 * Of a transaction of MySQL and the like, in which no job can be stored: what it is. A library that does not say so is told
 * by the first statement, which rejects.
 *
 * @param name - what the library calls the database, or the class that knows its SQL
 */
export function otherDatabase(name: unknown): string | undefined {
  if (typeof name !== 'string' || !names.test(name)) return undefined;
  return `a transaction of another database (${name})`;
}
