#!/usr/bin/env bash
# Software: Spring Security 6.5.6 (Spring Boot 3.5.7), a user in memory whose password is "{noop}secret".
# Guess: {noop} costs nothing: a demo, a test or a benchmark with such users measures the application.
# Seen: the first sign-in that succeeds replaces the password by its bcrypt hash, unasked and without a line in the
#   log, as the store of users can. From then on each sign-in costs a bcrypt verification: 124 ms on a busy machine.
# Means: with HTTP Basic and no session that is each request, so that ten or twenty a second keep a processor busy.
#   Limit by address before Spring Security, not only by user behind it; and measure with a session or with tokens.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.7</version>
  </parent>
  <groupId>seen</groupId>
  <artifactId>seen</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-security</artifactId>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import java.util.logging.LogManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.authentication.configuration.AuthenticationConfiguration;
import org.springframework.security.config.annotation.authentication.configuration.EnableGlobalAuthentication;
import org.springframework.security.core.SpringSecurityCoreVersion;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

public class Seen {
  @Configuration(proxyBeanMethods = false)
  @EnableGlobalAuthentication
  static class Users {
    @Bean
    UserDetailsService users() {
      return new InMemoryUserDetailsManager(User.withUsername("alice").password("{noop}secret").build());
    }
  }

  static boolean changed;
  static AuthenticationManager manager;
  static UserDetailsService users;

  static String scheme() {
    String password = users.loadUserByUsername("alice").getPassword();
    return password.substring(0, password.indexOf('}') + 1);
  }

  static double signInMillis() {
    long begin = System.nanoTime();
    manager.authenticate(new UsernamePasswordAuthenticationToken("alice", "secret"));
    return (System.nanoTime() - begin) / 1e6;
  }

  static void seen(String what, Object is, boolean asSeen) {
    changed |= !asSeen;
    System.out.println(what + ": " + is + (asSeen ? "" : "   CHANGED"));
  }

  public static void main(String[] args) throws Exception {
    var context = new AnnotationConfigApplicationContext(Users.class);
    manager = context.getBean(AuthenticationConfiguration.class).getAuthenticationManager();
    users = context.getBean(UserDetailsService.class);
    System.out.println("Spring Security " + SpringSecurityCoreVersion.getVersion());
    seen("before the first sign-in", scheme(), scheme().equals("{noop}"));
    signInMillis();
    seen("after it", scheme(), scheme().equals("{bcrypt}"));
    double least = Double.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      least = Math.min(least, signInMillis());
    }
    seen("a later sign-in", String.format("%.0f ms", least), least > 20);
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> /dev/null
