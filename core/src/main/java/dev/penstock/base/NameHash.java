package dev.penstock.base;

/** What the name of a limit is in this process. Read by {@link Inside}. Immutable, thread-safe. */
public abstract class NameHash {

  final long nameHash;

  /**
   * Keeps a hash.
   *
   * @param nameHash of the name, under the secret of this process
   */
  protected NameHash(long nameHash) {
    this.nameHash = nameHash;
  }
}
