package dev.penstock;

import dev.penstock.base.IdentityHashes;
import dev.penstock.base.Inside;
import dev.penstock.base.KeyedHash;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is charged: a verified user in a workspace, a workspace, a client address, or something else
 * that the application names, such as an API key.
 *
 * <p>Two identities are equal exactly if they are of one kind and agree in every part; their
 * partition keys are equal exactly then, whatever characters the parts hold, so a user who is named
 * like an address is not that address. Parts are taken as they are: no trimming, no case folding,
 * no Unicode normalisation.
 *
 * <p>An identity may have a plan, which says what it may do and not who it is: with another plan it
 * is the same identity, and has the same buckets.
 *
 * <p>{@link #toString} gives the kind alone, so that an identity can stand in a log line; {@link
 * #text} gives the whole. Immutable and thread-safe.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public final class Identity extends IdentityHashes {

  /** What an identity is; coarse enough for a log line or a metric. */
  public enum Kind {
    /** A verified user, in a workspace or on their own. */
    USER,
    /** A workspace as a whole. */
    WORKSPACE,
    /** A client address or address prefix. */
    ADDRESS,
    /** Something that the application names. */
    NAMED
  }

  private static final int MAX_LENGTH = 1024;

  private final Kind kind;
  private final @Nullable String issuerOrType;
  private final @Nullable String workspace;
  private final String name;
  private final @Nullable String plan;

  private Identity(
      Kind kind, @Nullable String issuerOrType, @Nullable String workspace, String name) {
    super(
        hash(kind, issuerOrType, workspace, name),
        workspace == null
            ? hash(kind, issuerOrType, null, name)
            : hash(Kind.WORKSPACE, issuerOrType, workspace, workspace));
    this.kind = kind;
    this.issuerOrType = issuerOrType;
    this.workspace = workspace;
    this.name = name;
    this.plan = null;
  }

  private Identity(Identity other, String plan) {
    super(Inside.hash(other), Inside.workspaceHash(other));
    this.kind = other.kind;
    this.issuerOrType = other.issuerOrType;
    this.workspace = other.workspace;
    this.name = other.name;
    this.plan = plan;
  }

  private static long hash(
      Kind kind, @Nullable String issuerOrType, @Nullable String workspace, String name) {
    KeyedHash keyed = KeyedHash.OF_THIS_PROCESS;
    return switch (kind) {
      case USER -> keyed.hash('u', issuerOrType, workspace, name);
      case WORKSPACE -> keyed.hash('w', issuerOrType, workspace, null);
      case ADDRESS -> keyed.hash('a', name, null, null);
      case NAMED -> keyed.hash('n', issuerOrType, name, null);
    };
  }

  /**
   * Returns a user in a workspace.
   *
   * @param workspace 1 to 1024 characters, not blank
   * @param user 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if a part is blank, too long or not well-formed Unicode
   */
  public static Identity user(String workspace, String user) {
    Objects.requireNonNull(workspace, "workspace");
    return user(Optional.empty(), Optional.of(workspace), user);
  }

  /**
   * Returns a user who is in no workspace. A limit per workspace charges such a user alone.
   *
   * @param user 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if the user is blank, too long or not well-formed Unicode
   */
  public static Identity user(String user) {
    return user(Optional.empty(), Optional.empty(), user);
  }

  /**
   * Returns a user as an issuer names them. Users and workspaces of different issuers are
   * different, even where their names are the same.
   *
   * @param issuer who vouches for the names, 1 to 1024 characters, not blank; or empty
   * @param workspace 1 to 1024 characters, not blank; empty where the user is in none
   * @param user 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if a part is blank, too long or not well-formed Unicode
   */
  public static Identity user(Optional<String> issuer, Optional<String> workspace, String user) {
    Objects.requireNonNull(issuer, "issuer");
    Objects.requireNonNull(workspace, "workspace");
    issuer.ifPresent(value -> requireName("issuer", value));
    workspace.ifPresent(value -> requireName("workspace", value));
    requireName("user", user);
    return new Identity(Kind.USER, issuer.orElse(null), workspace.orElse(null), user);
  }

  /**
   * Returns a workspace as a whole.
   *
   * @param workspace 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if the name is blank, too long or not well-formed Unicode
   */
  public static Identity workspace(String workspace) {
    requireName("workspace", workspace);
    return new Identity(Kind.WORKSPACE, null, workspace, workspace);
  }

  /**
   * Returns a client address. The text is taken as it is: whoever calls this brings it to one
   * canonical form before.
   *
   * @param address an address or an address prefix, 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if the text is blank, too long or not well-formed Unicode
   */
  public static Identity address(String address) {
    requireName("address", address);
    return new Identity(Kind.ADDRESS, null, null, address);
  }

  /**
   * Returns an identity of the application's own making, such as an API key or a tenant.
   *
   * @param type what it is, for example {@code "api-key"}; 1 to 1024 characters, not blank
   * @param name which one it is, 1 to 1024 characters, not blank
   * @return the identity
   * @throws IllegalArgumentException if a part is blank, too long or not well-formed Unicode
   */
  public static Identity named(String type, String name) {
    requireName("type", type);
    requireName("name", name);
    return new Identity(Kind.NAMED, type, null, name);
  }

  /**
   * {@return the same identity with a plan, by which {@link LimitPolicy#byPlan} finds its limits}
   *
   * @param plan 1 to 1024 characters, not blank
   * @throws IllegalArgumentException if the plan is blank, too long or not well-formed Unicode
   */
  public Identity withPlan(String plan) {
    requireName("plan", plan);
    return new Identity(this, plan);
  }

  /** {@return the plan, where there is one} */
  public Optional<String> plan() {
    return Optional.ofNullable(plan);
  }

  /** {@return what this identity is} */
  public Kind kind() {
    return kind;
  }

  /** {@return the workspace, where there is one} */
  public Optional<String> workspace() {
    return Optional.ofNullable(workspace);
  }

  /** {@return the user's, workspace's or application's name, or the address} */
  public String name() {
    return name;
  }

  /**
   * {@return the key of the bucket that a limit of this partition charges: a type tag and
   * length-prefixed parts, so that different identities have different keys}
   *
   * @param partition how the limit is partitioned
   */
  public String partitionKey(Partition partition) {
    Objects.requireNonNull(partition, "partition");
    return switch (partition) {
      case IDENTITY -> key();
      case WORKSPACE -> workspace == null ? key() : workspaceKey();
      case EVERYONE -> "*";
    };
  }

  /**
   * {@return the identity for a person to read: an address as such, a user as {@code
   * workspace/user}} Not unique, and not for logs.
   */
  public String text() {
    return kind == Kind.USER && workspace != null ? workspace + "/" + name : name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Identity that
        && kind == that.kind
        && name.equals(that.name)
        && Objects.equals(workspace, that.workspace)
        && Objects.equals(issuerOrType, that.issuerOrType);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(Inside.hash(this));
  }

  @Override
  public String toString() {
    return "Identity[" + kind + "]";
  }

  private String key() {
    return switch (kind) {
      case USER -> "u" + field(issuerOrType) + field(workspace) + field(name);
      case WORKSPACE -> workspaceKey();
      case ADDRESS -> "a" + field(name);
      case NAMED -> "n" + field(issuerOrType) + field(name);
    };
  }

  private String workspaceKey() {
    return "w" + field(issuerOrType) + field(workspace);
  }

  /** An absent field is {@code -}, which no length begins with. */
  private static String field(@Nullable String value) {
    return value == null ? "-" : value.length() + ":" + value;
  }

  /** Unpaired surrogates are refused since their UTF-8 form is one and the same replacement. */
  private static void requireName(String parameter, String value) {
    Objects.requireNonNull(value, parameter);
    if (value.isBlank()) {
      throw new IllegalArgumentException(parameter + " must not be blank");
    }
    if (value.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          parameter + " must be at most " + MAX_LENGTH + " characters: " + value.length());
    }
    int index = unpairedSurrogate(value);
    if (index >= 0) {
      throw new IllegalArgumentException(
          parameter + " must be well-formed Unicode: unpaired surrogate at position " + index);
    }
  }

  private static int unpairedSurrogate(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(value.codePointAt(i))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
