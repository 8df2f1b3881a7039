/** A server shaped like AgentOS, limited by Penstock: {@code mvn -q -Pdemo} runs it. */
@NullMarked
package dev.penstock.jdkhttp.demo;

import org.jspecify.annotations.NullMarked;
