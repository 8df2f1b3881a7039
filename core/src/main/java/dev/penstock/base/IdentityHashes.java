package dev.penstock.base;

/**
 * What an identity's buckets are called by in this process. Read by {@link Inside}. Immutable and
 * thread-safe.
 */
public abstract class IdentityHashes {

  final long own;
  final long ofWorkspace;

  /**
   * Keeps hashes under the secret of this process ({@link KeyedHash#OF_THIS_PROCESS}).
   *
   * @param own of the identity
   * @param ofWorkspace of its workspace; its own where it is in none
   */
  protected IdentityHashes(long own, long ofWorkspace) {
    this.own = own;
    this.ofWorkspace = ofWorkspace;
  }
}
