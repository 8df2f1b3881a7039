package dev.penstock.jwt;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the claims of a token have a name: a {@link ClaimPath}, or a {@link ClaimFunction}. */
interface ClaimSource {

  /** What no name is, so that a token with it is not valid. */
  Object NO_NAME = false;

  /** {@return what stands there, which may be no name; null where nothing does} */
  @Nullable Object value(Map<String, ?> claims);

  /** {@return whether the claim of a name, at the top, has a part in it} */
  boolean reads(String claim);
}
