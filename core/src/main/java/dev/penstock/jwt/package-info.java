/** Who a verified JSON Web Token names: verified claims become an identity. */
@NullMarked
package dev.penstock.jwt;

import org.jspecify.annotations.NullMarked;
