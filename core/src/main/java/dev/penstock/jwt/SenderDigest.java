package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.Identity;
import dev.penstock.Partition;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * Numbers for those who send tokens: 64 bits of SHA-256 over a secret of this process and a name,
 * so that nobody can choose one that falls together with another's.
 */
final class SenderDigest {

  private final byte[] secret = new byte[32];

  SenderDigest() {
    new SecureRandom().nextBytes(secret);
  }

  /** {@return the number of an address, or of a user wherever they are} */
  long of(Identity identity) {
    return digest(key(identity));
  }

  /** {@return the number of a user at an address} */
  long of(Identity sender, Identity user) {
    // The keys of identities tell where they end.
    return digest(key(sender) + key(user));
  }

  /** {@return the number of all at an address together who were verified at others only} */
  long ofVisitors(Identity sender) {
    return of(sender, sender);
  }

  /** {@return the number of all at an address together who were verified there} */
  long ofUsers(Identity sender) {
    return digest(key(sender) + key(sender) + key(sender));
  }

  private long digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(secret);
      return ByteBuffer.wrap(sha256.digest(text.getBytes(UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      // Every Java runtime has it.
      throw new IllegalStateException(e);
    }
  }

  private static String key(Identity identity) {
    return identity.partitionKey(Partition.IDENTITY);
  }
}
