const prefix = 'outlive.request of ';

/** Where this copy of the package is; of one that a bundler has made part of something larger nothing is known. */
const here = typeof __dirname === 'string' ? __dirname : 'a bundle';

/** Of the property of a request under which this copy of the package keeps what it knows of it. */
export const requestSymbol: unique symbol = Symbol(`${prefix}${here}`);

/** Says so, if a jobs middleware of another copy of this package has run on the request. */
export function boundByOtherCopy(request: object): string | undefined {
  const other = Object.getOwnPropertySymbols(request).find(
    (each) => each !== requestSymbol && each.description?.startsWith(prefix),
  );
  if (other === undefined) return undefined;
  return (
    'The jobs middleware that has run on this request is that of another copy of @outlive/http, ' +
    `in ${other.description?.slice(prefix.length)}; this one is in ${here}. ` +
    'Install one version of all @outlive packages (`npm ls @outlive/http` shows them); ' +
    'in Jest do not reset modules between setting the app up and calling it.'
  );
}
