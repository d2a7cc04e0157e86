import { version } from '@outlive/core/internal';

const prefix = 'outlive.request of ';

// In the output of a bundler there may be no such thing.
const here = `${version} (${typeof __dirname === 'string' ? __dirname : 'in a bundle'})`;

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
    `${other.description?.slice(prefix.length)}, and this is ${here}. ` +
    'Have one copy installed (see `npm ls @outlive/http`); ' +
    'in Jest do not reset modules between setting the app up and calling it.'
  );
}
