import { outside } from './context.ts';

/** Who is told what becomes of a promise. */
export interface Follower {
  onFulfilled(value: unknown): void;
  onRejected(error: unknown): void;
}

const followersOf = new WeakMap<Promise<unknown>, Set<Follower>>();

/**
 * As `then()`, but it can be undone: a promise keeps what was given to `then()`, and the async context of that call,
 * until it settles. However many follow a promise, it keeps one small thing for all of them.
 */
export function follow(promise: Promise<unknown>, follower: Follower): void {
  let followers = followersOf.get(promise);
  if (followers === undefined) {
    followers = new Set();
    followersOf.set(promise, followers);
    outside.runInAsyncScope(subscribe, undefined, promise, followers);
  }
  followers.add(follower);
}

export function unfollow(promise: Promise<unknown>, follower: Follower): void {
  followersOf.get(promise)?.delete(follower);
}

function subscribe(promise: Promise<unknown>, followers: Set<Follower>): void {
  // As `await` does, whatever `then` of its own the promise may have.
  void Promise.prototype.then.call(
    promise,
    (value) => {
      followersOf.delete(promise);
      for (const follower of followers) follower.onFulfilled(value);
    },
    (error: unknown) => {
      followersOf.delete(promise);
      for (const follower of followers) follower.onRejected(error);
    },
  );
}
