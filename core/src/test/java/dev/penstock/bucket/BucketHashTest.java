package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LookAlikes;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BucketHashTest {

  private static PartitionedLimit limit(String name, Partition partition) {
    return new PartitionedLimit(name, Limit.perMinute(10), partition);
  }

  @Test
  void of_lookAlikes_agreeExactlyWhereTheKeysDo() {
    for (Partition partition : Partition.values()) {
      Map<String, Long> hashes = new HashMap<>();
      for (Identity identity : LookAlikes.ALL) {
        long hash = BucketHash.of(identity, limit("n", partition));
        Long before = hashes.put(identity.partitionKey(partition), hash);
        assertThat(before).isIn(null, hash);
      }
      assertThat(hashes.values()).doesNotHaveDuplicates();
    }
  }

  @Test
  void of_limits_goesByTheNameAlone() {
    Identity user = Identity.user("acme", "u1");
    PartitionedLimit changed = new PartitionedLimit("n", Limit.perDay(1), Partition.IDENTITY);
    assertThat(BucketHash.of(user, limit("n", Partition.IDENTITY)))
        .isEqualTo(BucketHash.of(user, changed))
        .isNotEqualTo(BucketHash.of(user, limit("m", Partition.IDENTITY)));
  }
}
