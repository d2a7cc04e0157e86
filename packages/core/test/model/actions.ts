import * as fc from 'fast-check';

/** How a function that waits ends: `reason` is what an obedient function throws when it is cancelled. */
export type Settlement = 'value' | 'error' | 'abort error' | 'reason';

/** What a job's function does. */
interface Body {
  readonly ends: 'returns' | 'throws' | 'resolves' | 'waits' | 'thenable';
  /** It listens to its signal, and stops when told. */
  readonly obeys: boolean;
  /** What it does in the call itself. */
  readonly during: readonly Action[];
  readonly onAbort: readonly Action[];
}

export interface SpawnAction {
  readonly type: 'spawn';
  readonly now: boolean;
  readonly priority: number;
  readonly timeout: number;
  readonly signal: number | undefined;
  readonly after: boolean;
  readonly key: string | undefined;
  /** Which of the groups it is one of. */
  readonly group: number | undefined;
  /** Further attempts, and ms between them; without a delay they are given by `when`. */
  readonly retry: { readonly retries: number; readonly delay: number } | undefined;
  readonly body: Body;
}

export interface ShieldAction {
  readonly type: 'shield';
  readonly function: boolean;
  readonly ends: 'returns' | 'throws' | 'waits';
  readonly signal: number | undefined;
  readonly during: readonly Action[];
}

/** Opens a group: `inside` the function that does it, if one does. */
export interface GroupAction {
  readonly type: 'group';
  readonly limit: number;
  readonly failFast: boolean;
  readonly signal: number | undefined;
  readonly inside: boolean;
}

/**
 * One of those that a call names in `from`: the function that makes the call, if it is made in one, or any of the
 * live jobs, of the shielded functions, of the jobs that have ended, or of those of another scheduler.
 */
export interface Named {
  readonly kind: 'own' | 'live' | 'shield' | 'ended' | 'foreign';
  readonly pick: number;
}

/** One thing done to a scheduler. A `pick` chooses among what there is at that moment. */
export type Action =
  | SpawnAction
  | ShieldAction
  | { readonly type: 'settle'; readonly pick: number; readonly how: Settlement }
  | { readonly type: 'settleShield'; readonly pick: number; readonly how: Settlement }
  | { readonly type: 'settleAfter'; readonly pick: number; readonly reject: boolean }
  | { readonly type: 'closeJob'; readonly pick: number; readonly timeout: number | undefined }
  | { readonly type: 'wait'; readonly pick: number; readonly ended: boolean }
  | { readonly type: 'abort'; readonly signal: number }
  | { readonly type: 'limit'; readonly limit: number }
  | { readonly type: 'rate'; readonly rate: Rate | undefined }
  | GroupAction
  | { readonly type: 'waitForGroup' | 'closeGroup'; readonly pick: number }
  | { readonly type: 'pause' | 'resume' }
  | { readonly type: 'close'; readonly from: readonly Named[] }
  | { readonly type: 'idle'; readonly signal: number | undefined; readonly from: readonly Named[] }
  | {
      readonly type: 'drain' | 'waitAndClose';
      readonly timeout: number;
      readonly closeTimeout: number | undefined;
      readonly from: readonly Named[];
    }
  | { readonly type: 'advance'; readonly by: number };

export interface Rate {
  readonly starts: number;
  readonly per: number;
}

export interface Setup {
  readonly limit: number;
  readonly rate: Rate | undefined;
  readonly perKey: number;
  readonly fair: boolean;
  readonly pendingLimit: number;
  readonly closeTimeout: number;
}

export const signalCount = 3;

/** Once in so many times. */
function onceIn<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { arbitrary, weight: 1 },
    { arbitrary: fc.constant(undefined), weight: times - 1 },
  );
}

const rates = onceIn<Rate>(
  2,
  fc.record({ starts: fc.constantFrom(1, 2, 3), per: fc.constantFrom(4, 10, 30) }),
);

export const setups: fc.Arbitrary<Setup> = fc.record({
  limit: fc.constantFrom(1, 1, 2, 3, Infinity),
  rate: rates,
  perKey: fc.constantFrom(1, 2, Infinity),
  fair: fc.boolean(),
  pendingLimit: fc.constantFrom(0, 1, 2, 4, Infinity),
  closeTimeout: fc.constantFrom(0, 7, 100),
});

const pick = fc.nat(20);
const maybeSignal = fc.option(fc.nat(signalCount - 1), { nil: undefined, freq: 2 });
const settlements = fc.constantFrom<Settlement[]>('value', 'error', 'abort error', 'reason');
const graces = fc.constantFrom(0, 3, 20, Infinity, Infinity);

const pauses = fc.constant<Action>({ type: 'pause' });
const resumes = fc.constant<Action>({ type: 'resume' });
const limits = fc.constantFrom(1, 1, 2, 3, 5).map((limit): Action => ({ type: 'limit', limit }));
const rateChanges = rates.map((rate): Action => ({ type: 'rate', rate }));
const groups: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('group' as const),
  limit: fc.constantFrom(1, 2, 10),
  failFast: fc.boolean(),
  signal: maybeSignal,
  inside: fc.boolean(),
});
const groupWaits: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('waitForGroup' as const),
  pick,
});
const groupCloses: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('closeGroup' as const),
  pick,
});
const aborts = fc.nat(signalCount - 1).map((signal): Action => ({ type: 'abort', signal }));
const jobCloses: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('closeJob' as const),
  pick,
  timeout: fc.constantFrom(undefined, 0, 5, Infinity),
});
const afterSettlements: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('settleAfter' as const),
  pick,
  reject: fc.boolean(),
});

const named: fc.Arbitrary<Named> = fc.record({
  kind: fc.constantFrom<Named['kind'][]>(
    'own',
    'own',
    'live',
    'live',
    'shield',
    'ended',
    'foreign',
  ),
  pick,
});
const froms = fc.oneof(
  { arbitrary: fc.constant([]), weight: 2 },
  { arbitrary: fc.array(named, { minLength: 1, maxLength: 3, size: 'max' }), weight: 3 },
);

const drains: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('drain' as const),
  timeout: graces,
  closeTimeout: fc.constantFrom(undefined, 0, 9),
  from: froms,
});

const finalDrains: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('waitAndClose' as const),
  timeout: graces,
  closeTimeout: fc.constantFrom(undefined, 0, 9),
  from: froms,
});

const closes: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('close' as const),
  from: froms,
});

const idles: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('idle' as const),
  signal: maybeSignal,
  from: froms,
});

/** What functions and abort listeners do, while the scheduler is in the middle of something. */
function nested(depth: number): fc.Arbitrary<readonly Action[]> {
  if (depth === 0) return fc.constant([]);
  const actions = fc.oneof(
    { arbitrary: spawns(depth - 1), weight: 6 },
    { arbitrary: jobCloses, weight: 2 },
    { arbitrary: afterSettlements, weight: 1 },
    { arbitrary: aborts, weight: 1 },
    { arbitrary: limits, weight: 1 },
    { arbitrary: pauses, weight: 1 },
    { arbitrary: resumes, weight: 2 },
    { arbitrary: rateChanges, weight: 1 },
    { arbitrary: groups, weight: 3 },
    { arbitrary: groupWaits, weight: 1 },
    { arbitrary: groupCloses, weight: 1 },
    { arbitrary: drains, weight: 3 },
    { arbitrary: idles, weight: 2 },
    { arbitrary: fc.oneof(finalDrains, closes), weight: 1 },
  );
  return fc.oneof(
    { arbitrary: fc.constant([]), weight: 5 },
    { arbitrary: fc.array(actions, { minLength: 1, maxLength: 3, size: 'max' }), weight: 1 },
  );
}

function spawns(depth: number): fc.Arbitrary<Action> {
  return fc.record({
    type: fc.constant('spawn' as const),
    now: fc.boolean(),
    priority: fc.constantFrom(0, 0, 0, 1, 2, -1),
    timeout: fc.constantFrom(Infinity, Infinity, Infinity, 0, 5, 20),
    signal: maybeSignal,
    after: fc.constantFrom(false, false, false, true),
    key: fc.constantFrom(undefined, 'a', 'a', 'b', 'c'),
    group: onceIn(2, fc.nat(5)),
    retry: onceIn(
      4,
      fc.record({ retries: fc.constantFrom(1, 2), delay: fc.constantFrom(0, 4, 4, 15) }),
    ),
    body: fc.record({
      ends: fc.constantFrom<Body['ends'][]>(
        'waits',
        'waits',
        'waits',
        'thenable',
        'returns',
        'throws',
        'resolves',
      ),
      obeys: fc.boolean(),
      during: nested(depth),
      onAbort: nested(depth),
    }),
  });
}

const shields: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('shield' as const),
  function: fc.boolean(),
  ends: fc.constantFrom<ShieldAction['ends'][]>('waits', 'waits', 'returns', 'throws'),
  signal: maybeSignal,
  during: nested(1),
});

const settles: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('settle' as const),
  pick,
  how: settlements,
});

const shieldSettles: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('settleShield' as const),
  pick,
  how: settlements,
});

const waits: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('wait' as const),
  pick,
  ended: fc.constantFrom(false, false, true),
});

const advances = fc.integer({ min: 1, max: 25 }).map((by): Action => ({ type: 'advance', by }));

export const actions: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: spawns(2), weight: 300 },
  { arbitrary: settles, weight: 250 },
  { arbitrary: jobCloses, weight: 60 },
  { arbitrary: waits, weight: 50 },
  { arbitrary: aborts, weight: 40 },
  { arbitrary: afterSettlements, weight: 60 },
  { arbitrary: advances, weight: 40 },
  { arbitrary: pauses, weight: 10 },
  { arbitrary: resumes, weight: 30 },
  { arbitrary: limits, weight: 30 },
  { arbitrary: rateChanges, weight: 15 },
  { arbitrary: groups, weight: 30 },
  { arbitrary: groupWaits, weight: 20 },
  { arbitrary: groupCloses, weight: 10 },
  { arbitrary: shields, weight: 30 },
  { arbitrary: shieldSettles, weight: 30 },
  { arbitrary: drains, weight: 40 },
  { arbitrary: idles, weight: 30 },
  { arbitrary: finalDrains, weight: 4 },
  { arbitrary: closes, weight: 3 },
);
