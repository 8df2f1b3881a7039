package dev.penstock;

/** Among whom a limit is shared: which identities are charged to the same bucket. */
public enum Partition {
  /** Each identity has a bucket of its own. */
  IDENTITY,
  /** All users of a workspace share one; an identity without a workspace has one of its own. */
  WORKSPACE,
  /** All identities share one. */
  EVERYONE
}
