import { checkNode } from '../../../src/engines/pg-boss/load.ts';

describe('for pg-boss, Node', () => {
  it.each(['20.19.0', '22.11.9', '21.7.0'])('%s is too old', (version) => {
    expect(() => checkNode('The store', version)).toThrow(
      `The store needs Node 22.12 or newer, and this is Node ${version}`,
    );
  });

  it.each(['22.12.0', '22.23.3', '24.0.0'])('%s will do', (version) => {
    expect(() => checkNode('The store', version)).not.toThrow();
  });
});
