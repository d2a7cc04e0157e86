// The first file to be loaded, in syntax of old: it is for the Node versions that do not know more.

/** The oldest version that is tested, as `engines` of package.json says: below it things go wrong half-way. */
export const floor = '20.19';

/** Why this runtime is too old; empty where it is not. Bun and Deno have a Node version that says little. */
export function complaintAbout(versions: { readonly [name: string]: string | undefined }): string {
  const node = versions['node'];
  if (node === undefined || versions['bun'] !== undefined || versions['deno'] !== undefined) {
    return '';
  }
  const [major, minor] = node.split('.').map(Number) as [number, number];
  const [leastMajor, leastMinor] = floor.split('.').map(Number) as [number, number];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return '';
  return 'Outlive needs Node ' + floor + ' or newer, and this is Node ' + node;
}

const complaint = complaintAbout(process.versions);
if (complaint !== '') throw new Error(complaint);
