/** The report of a drain that met no work. */
export const nothing = {
  completed: 0,
  failed: 0,
  cancelled: [],
  neverStarted: [],
  abandoned: [],
  shields: 0,
};
