/** What goes to stderr through the console, which prints none of it, until the end of the block. */
export function printed(): Disposable & { readonly calls: readonly unknown[][] } {
  const spy = jest.spyOn(console, 'error').mockImplementation();
  return {
    calls: spy.mock.calls,
    [Symbol.dispose]: () => {
      spy.mockRestore();
    },
  };
}
