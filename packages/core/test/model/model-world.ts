import {
  type Action,
  type Named,
  type Settlement,
  type Setup,
  type ShieldAction,
  signalCount,
  type SpawnAction,
} from './actions.ts';
import { ModelClock } from './model-clock.ts';
import { ModelDrain } from './model-drain.ts';
import { ModelGroup } from './model-group.ts';
import { type Host, ModelScheduler } from './model-scheduler.ts';
import {
  type ModelJob,
  ModelPromise,
  type ModelShield,
  type ModelSignal,
  type ModelWork,
  type Outcome,
  rejection,
  value,
} from './model-work.ts';

interface Open {
  readonly label: string;
  /** The reason of its signal, once that has aborted. */
  readonly reason: () => string | undefined;
  readonly settle: (outcome: Outcome) => void;
}

/** What `RealWorld` is for the scheduler, for the model of one. */
export class ModelWorld implements Host {
  readonly clock = new ModelClock();
  readonly trace: string[] = [];
  readonly results: string[] = [];
  /** Jobs that ended since somebody looked. */
  readonly ended: ModelJob[] = [];
  readonly #scheduler: ModelScheduler;
  readonly #closeTimeout: number;
  readonly #closed: ModelJob[] = [];
  readonly #signals: ModelSignal[] = [];
  readonly #groups: ModelGroup[] = [];
  #running: Open[] = [];
  #shields: Open[] = [];
  #afters: Open[] = [];
  #labels = 0;
  #calls = 0;
  /** All shielded functions, in the order of their starts. */
  readonly #shielded: ModelShield[] = [];
  #closing: ModelDrain | undefined;

  constructor(setup: Setup) {
    this.#scheduler = new ModelScheduler(setup, this.clock, this);
    this.#closeTimeout = setup.closeTimeout;
    for (let index = 0; index < signalCount; index += 1) this.#signals.push(this.#freshSignal());
  }

  /** Whether there is anything for the action to pick. */
  possible(action: Action): boolean {
    const { type } = action;
    if (type === 'settle') return this.#running.length > 0;
    if (type === 'settleShield') return this.#shields.length > 0;
    if (type === 'settleAfter') return this.#afters.length > 0;
    const ended = type === 'wait' && action.ended;
    if (type === 'wait' || type === 'closeJob')
      return (ended ? this.#closed : this.#scheduler.live).length > 0;
    if (type === 'waitForGroup' || type === 'closeGroup') return this.#groups.length > 0;
    return true;
  }

  /** @param own - the function that does it */
  perform(action: Action, own?: ModelWork): void {
    const scheduler = this.#scheduler;
    switch (action.type) {
      case 'spawn':
        this.#spawn(action);
        return;
      case 'shield':
        this.#shield(action);
        return;
      case 'settle':
        this.#running = settleOne(this.#running, action.pick, action.how);
        return;
      case 'settleShield':
        this.#shields = settleOne(this.#shields, action.pick, action.how);
        return;
      case 'settleAfter':
        this.#afters = settleOne(this.#afters, action.pick, action.reject ? 'error' : 'value');
        return;
      case 'closeJob': {
        const { live } = scheduler;
        const job = live[action.pick % live.length];
        if (job !== undefined) this.#closeJob(job, action.timeout ?? this.#closeTimeout);
        return;
      }
      case 'wait': {
        const jobs = action.ended ? this.#closed.toSorted((a, b) => a.id - b.id) : scheduler.live;
        const job = jobs[action.pick % jobs.length];
        if (job === undefined) return;
        job.waiters += 1;
        this.#watch(`wait of job ${job.id}`, job.ended);
        return;
      }
      case 'abort':
        this.#abort(action.signal);
        return;
      case 'limit':
        scheduler.limit = action.limit;
        scheduler.changed();
        return;
      case 'rate':
        scheduler.setRate(action.rate);
        return;
      case 'group': {
        const inside = action.inside && isRunning(own) ? own : undefined;
        const signal = this.#signalOf(action.signal);
        this.#groups.push(new ModelGroup(scheduler, action, signal, inside));
        return;
      }
      case 'waitForGroup':
      case 'closeGroup': {
        const index = action.pick % this.#groups.length;
        const group = this.#groups[index];
        if (group === undefined) return;
        const ended = action.type === 'waitForGroup' ? group.wait() : group.close();
        this.#watch(`${action.type} ${index} `, ended);
        return;
      }
      case 'pause':
        scheduler.paused = true;
        scheduler.changed();
        return;
      case 'resume':
        scheduler.paused = false;
        scheduler.changed();
        return;
      case 'idle':
        this.#idle(action.signal, this.#from(action.from, own));
        return;
      case 'drain':
        this.#drain('drain', action.timeout, action.closeTimeout, this.#from(action.from, own));
        return;
      case 'waitAndClose':
        this.#drain(
          'waitAndClose',
          action.timeout,
          action.closeTimeout,
          this.#from(action.from, own),
        );
        return;
      case 'close':
        this.#drain('close', 0, undefined, this.#from(action.from, own));
        return;
      case 'advance':
        this.clock.advance(action.by);
        return;
      default:
        action satisfies never;
    }
  }

  counters(): unknown[] {
    const { limit, pending, active, closed, drains } = this.#scheduler;
    const isDraining = closed || drains.size > 0;
    const size = pending.length + active.length;
    const timers = this.clock.timerCount;
    const groups = this.#groups.map(({ jobs }) => jobs.size).join();
    return [limit, size, active.length, pending.length, closed, isDraining, timers, groups];
  }

  live(): string[] {
    return this.#scheduler.live.map((job) => this.describe(job));
  }

  describe({ id, state, outcome, attempt, spawnedAt, startedAt }: ModelJob): string {
    const flag = state === 'closing' ? 'active' : state;
    const has = state === 'closed' ? 'has not' : 'has';
    return `${id} ${state} ${outcome} ${attempt} ${spawnedAt} ${startedAt} ${flag} ${has}`;
  }

  run(job: ModelJob): void {
    const { label, action } = job;
    const { ends, during } = action.body;
    this.trace.push(`${label} starts as job ${job.id}, attempt ${job.attempt}`);
    if (action.body.obeys) job.listeners += 1;
    const settled = (outcome: Outcome): void => this.#scheduler.settled(job, outcome);
    const hops = ends === 'thenable' ? 2 : 1;
    let returned = false;
    let early: Outcome | undefined;
    if (ends === 'waits' || ends === 'thenable') {
      this.#running.push({
        label,
        reason: () => job.reason,
        settle: (outcome) => {
          if (returned) this.clock.later(hops, () => settled(outcome));
          else early = outcome;
        },
      });
    }
    for (const each of during) this.perform(each, job);
    returned = true;
    const result = ends === 'throws' ? rejection(`error of ${label}`) : value(`value of ${label}`);
    if (ends === 'returns' || ends === 'throws') settled(result);
    else if (ends === 'resolves') this.clock.later(1, () => settled(result));
    else if (early !== undefined) {
      const outcome = early;
      this.clock.later(hops, () => settled(outcome));
    }
  }

  tell(job: ModelJob): void {
    const { label, action, reason } = job;
    const { listeners } = job;
    for (let listener = 0; listener < listeners; listener += 1) {
      this.trace.push(`${label} is told: ${reason}`);
      for (const each of action.body.onAbort) this.perform(each, job);
      const index = this.#running.findIndex((open) => open.label === label);
      if (index >= 0) this.#running = settleOne(this.#running, index, 'reason');
    }
  }

  closed(job: ModelJob): void {
    this.ended.push(job);
    this.#closed.push(job);
  }

  report(message: string, exception: string, job?: ModelJob): void {
    this.trace.push(`${message}: ${exception}, job ${job?.id ?? 'none'}`);
  }

  #spawn(action: SpawnAction): void {
    this.#labels += 1;
    const label = `${this.#labels}`;
    const signal = this.#signalOf(action.signal);
    const group = action.group === undefined ? undefined : at(this.#groups, action.group);
    const job: ModelJob = {
      label,
      action,
      signal,
      group,
      spawned: new ModelPromise(),
      ended: new ModelPromise(),
      onEnd: [],
      insideGroups: new Set(),
      extensions: 0,
      onRelease: undefined,
      inBackOff: false,
      shutDown: false,
      id: 0,
      state: 'waiting',
      outcome: undefined,
      blocked: action.after,
      reason: undefined,
      spawnedAt: 0,
      startedAt: undefined,
      timer: undefined,
      attempt: 1,
      retriesLeft: action.retry?.retries ?? 0,
      listeners: 0,
      waiters: 0,
      toldAbandoned: false,
    };
    if (action.after) {
      this.#afters.push({
        label: `after ${label}`,
        reason: () => undefined,
        settle: () => this.clock.later(1, () => this.#scheduler.unblock(job)),
      });
    }
    const refused = group?.refusal() ?? this.#refusal(signal);
    const full = refused ?? (action.now ? 'ERR_PENDING_LIMIT' : undefined);
    if (refused !== undefined || !this.#scheduler.spawn(job, !action.now)) {
      job.state = 'refused';
      if (action.now) this.results.push(`spawnNow ${label}: throws ${full}`);
      else job.spawned.settle(rejection(full as string));
    }
    if (!action.now) this.#watch(`spawn ${label}`, job.spawned);
  }

  #shield(action: ShieldAction): void {
    this.#labels += 1;
    const label = `shield ${this.#labels}`;
    const signal = this.#signalOf(action.signal);
    const outer = new ModelPromise();
    const refused = action.function ? this.#refusal(signal) : undefined;
    if (refused !== undefined) {
      outer.settle(rejection(refused));
      this.#watch(label, outer);
      return;
    }
    const scheduler = this.#scheduler;
    scheduler.lastId += 1;
    const shield: ModelShield = {
      label,
      action,
      signal,
      id: scheduler.lastId,
      outer,
      giveUp: () => scheduler.abandon(shield, signal?.reason as string),
      followed: true,
      cancelled: false,
      over: false,
    };
    scheduler.shields.add(shield);
    if (signal?.reason === undefined) signal?.listeners.add(shield.giveUp);
    else shield.giveUp();
    const settled = (outcome: Outcome): void => scheduler.shieldEnded(shield, outcome);
    if (action.function) {
      this.trace.push(`${label} starts as ${shield.id}`);
      this.#shielded.push(shield);
      for (const each of action.during) this.perform(each, shield);
    }
    if (action.ends === 'waits') {
      this.#shields.push({
        label,
        reason: () => (action.function && shield.cancelled ? 'ERR_JOB_CANCELLED' : undefined),
        settle: (outcome) => this.clock.later(2, () => settled(outcome)),
      });
    } else if (action.ends === 'throws') {
      this.clock.later(1, () => settled(rejection(`error of ${label}`)));
    } else this.clock.later(1, () => settled(value(`value of ${label}`)));
    this.#watch(label, outer);
  }

  #closeJob(job: ModelJob, timeout: number): void {
    const promise = new ModelPromise();
    this.#scheduler.cancel(job, `reason of close ${this.#calls}`);
    if (job.state === 'closed') promise.settle(value('undefined'));
    else {
      job.waiters += 1;
      let late = false;
      const timer =
        timeout === Infinity
          ? undefined
          : this.clock.arm(timeout, () => {
              late = true;
              job.waiters -= 1;
              // A job that obeyed in the same turn was in time.
              this.clock.later(1, () => {
                const obeyed = job.outcome === 'cancelled';
                promise.settle(obeyed ? value('undefined') : rejection('ERR_JOB_TIMEOUT'));
              });
            });
      job.ended.follow((outcome) => {
        const end = (): void => {
          this.clock.clear(timer);
          if (!late) promise.settle(job.outcome === 'failed' ? outcome : value('undefined'));
        };
        if (job.state === 'closed') end();
        else job.onEnd.push(end);
      });
    }
    this.#watch(`close of job ${job.id}`, promise);
  }

  /** A closing scheduler is joined, whatever its call. */
  #drain(
    what: 'drain' | 'waitAndClose' | 'close',
    timeout: number,
    closeTimeout: number | undefined,
    from: readonly ModelWork[],
  ): void {
    const scheduler = this.#scheduler;
    const final = what !== 'drain';
    const joined = final || this.#closing?.phase !== 'grace' ? this.#closing : undefined;
    const drain = joined ?? new ModelDrain(scheduler, final, closeTimeout ?? this.#closeTimeout);
    if (drain.phase !== 'done') {
      const more = from.filter((work) => !drain.from.has(work));
      scheduler.enter(more);
      drain.join(more);
    }
    if (joined === undefined) {
      if (final) this.#closing = drain;
      scheduler.drains.add(drain);
      drain.begin(timeout);
      if (drain.phase === 'grace') scheduler.hurry();
    } else if (what === 'close') drain.cutShort();
    scheduler.progress();
    const own = timeout + (closeTimeout ?? this.#closeTimeout);
    const bounded = what === 'drain' && joined !== undefined;
    this.#watch(what, bounded ? drain.outcomeWithin(own) : drain.promise);
  }

  #idle(index: number | undefined, from: readonly ModelWork[]): void {
    const scheduler = this.#scheduler;
    const signal = this.#signalOf(index);
    const idle = new ModelPromise();
    const refused = this.#refusal(signal);
    if (refused !== undefined) idle.settle(rejection(refused));
    else {
      const giveUp = (): void => scheduler.endIdle(idle, rejection(signal?.reason as string));
      scheduler.enter(from);
      scheduler.idles.set(idle, new Set(from));
      signal?.listeners.add(giveUp);
      idle.follow(() => signal?.listeners.delete(giveUp));
      scheduler.progress();
    }
    this.#watch('idle', idle);
  }

  /** Those that a call leaves out: what is not of this scheduler, or is over, does not count. */
  #from(all: readonly Named[], own: ModelWork | undefined): readonly ModelWork[] {
    const found = all.map(({ kind, pick }) => {
      switch (kind) {
        case 'own':
          return own;
        case 'live':
          return at(this.#scheduler.live, pick);
        case 'shield':
          return at(this.#shielded, pick);
        case 'ended':
        case 'foreign':
          return undefined;
        default:
          return kind satisfies never;
      }
    });
    const live = found.filter((work): work is ModelWork => work !== undefined && !isOver(work));
    return [...new Set(live)];
  }

  #abort(index: number): void {
    const signal = this.#signals[index] as ModelSignal;
    if (signal.reason === undefined) {
      signal.reason = `abort ${this.#calls}`;
      for (const listener of signal.listeners) listener();
    } else this.#signals[index] = this.#freshSignal();
  }

  #refusal(signal: ModelSignal | undefined): string | undefined {
    return this.#scheduler.closed ? 'ERR_SCHEDULER_CLOSED' : signal?.reason;
  }

  #signalOf(index: number | undefined): ModelSignal | undefined {
    return index === undefined ? undefined : this.#signals[index];
  }

  #freshSignal(): ModelSignal {
    const signal: ModelSignal = {
      reason: undefined,
      listeners: new Set(),
      jobs: new Set(),
      cancelJobs: () => {
        for (const job of signal.jobs) this.#scheduler.cancel(job, signal.reason as string);
      },
    };
    return signal;
  }

  #watch(what: string, promise: ModelPromise): void {
    this.#calls += 1;
    const name = `${what} (call ${this.#calls})`;
    promise.follow(({ rejects, what: outcome }) => {
      this.results.push(`${name}: ${rejects ? 'rejects ' : ''}${outcome}`);
    });
  }
}

function at<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % list.length];
}

function isRunning(work: ModelWork | undefined): work is ModelJob {
  return work !== undefined && 'state' in work && ['active', 'closing'].includes(work.state);
}

function isOver(work: ModelWork): boolean {
  return 'over' in work ? work.over : work.state === 'closed';
}

function settleOne(list: readonly Open[], pick: number, how: Settlement): Open[] {
  const open = list[pick % list.length];
  if (open === undefined) return [...list];
  const { label, reason, settle } = open;
  const left = list.filter((other) => other !== open);
  const because = how === 'reason' ? reason() : undefined;
  if (how === 'value') settle(value(`value of ${label}`));
  else settle(rejection(because ?? `${how} of ${label}`, how === 'abort error'));
  return left;
}
