/** Calls what is registered for a group that nobody holds any more: the report of a failure that nobody asked for. */
export const dropped: FinalizationRegistry<() => void> = new FinalizationRegistry((report) => {
  report();
});
