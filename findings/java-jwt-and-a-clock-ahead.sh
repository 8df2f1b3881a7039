#!/usr/bin/env bash
# Software: java-jwt 4.6.2, nimbus-jose-jwt 10.10, jose4j 0.9.7, jjwt 0.13.0 (Maven), jose 6.2.18, jsonwebtoken
#   9.0.3 (npm).
# Guess: iat says when a token was made and is checked by nobody; small differences of clocks are forgiven
#   everywhere alike.
# Seen: a token whose iat is 30 s ahead, from a provider with a fast clock, is refused by java-jwt alone. With nbf
#   30 s ahead Nimbus alone takes it, its processor forgives a minute by default; the five others forgive nothing.
# Means: services behind one provider disagree for seconds on who the same caller is. A limiter states its leeway,
#   uses it for every claim of time, and a token that is early must not turn its owner into the anonymous client.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund jose@6.2.18 jsonwebtoken@9.0.3
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>com.nimbusds</groupId><artifactId>nimbus-jose-jwt</artifactId><version>10.10</version></dependency>
<dependency><groupId>com.auth0</groupId><artifactId>java-jwt</artifactId><version>4.6.2</version></dependency>
<dependency><groupId>org.bitbucket.b_c</groupId><artifactId>jose4j</artifactId><version>0.9.7</version></dependency>
<dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-impl</artifactId><version>0.13.0</version></dependency>
<dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-jackson</artifactId>
<version>0.13.0</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Read.java <<'JAVA'
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.util.concurrent.Callable;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

public class Read {
  static void tell(String library, Callable<String> subject) {
    String end;
    try {
      end = "takes";
      subject.call();
    } catch (Exception e) {
      end = "refuses";
    }
    System.out.println(library + " " + end);
  }

  public static void main(String[] args) {
    byte[] secret = args[0].getBytes();
    String token = args[1];
    tell("java-jwt", () -> JWT.require(Algorithm.HMAC256(secret)).build().verify(token).getSubject());
    tell("Nimbus", () -> {
      var processor = new DefaultJWTProcessor<SecurityContext>();
      processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.HS256, new ImmutableSecret<>(secret)));
      return processor.process(token, null).getSubject();
    });
    tell("jose4j", () -> new JwtConsumerBuilder().setVerificationKey(Keys.hmacShaKeyFor(secret)).build()
        .processToClaims(token).getSubject());
    tell("jjwt", () -> Jwts.parser().verifyWith(Keys.hmacShaKeyFor(secret)).build().parseSignedClaims(token)
        .getPayload().getSubject());
  }
}
JAVA
javac -cp 'lib/*' -d . Read.java
cat > seen.mjs <<'JS'
import {execFileSync} from 'node:child_process';
import {createHmac} from 'node:crypto';
import {jwtVerify} from 'jose';
import jsonwebtoken from 'jsonwebtoken';

const secret = 'a secret of thirty-two bytes, ok';
const base64 = text => Buffer.from(text).toString('base64url');
function sign(claims) {
  const input = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(JSON.stringify(claims))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

let changed = false;
async function watch(what, claims, wanted) {
  const now = Math.floor(Date.now() / 1000);
  const token = sign({sub: 'user-1', exp: now + 600, ...claims(now)});
  const takes = call => Promise.resolve().then(call).then(() => 'takes', () => 'refuses');
  const seen = [
    `jose ${await takes(() => jwtVerify(token, Buffer.from(secret)))}`,
    `jsonwebtoken ${await takes(() => jsonwebtoken.verify(token, secret))}`,
    ...execFileSync('java', ['-cp', 'lib/*:.', 'Read', secret, token],
        {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim().split('\n'),
  ];
  const fine = seen.every(line => line.endsWith('takes') === wanted(line.split(' ')[0]));
  changed ||= !fine;
  console.log(`${what}: ${seen.join(', ')}`, fine ? '' : '  CHANGED');
}
await watch('iat now', now => ({iat: now}), () => true);
await watch('iat 30 s ahead', now => ({iat: now + 30}), library => library !== 'java-jwt');
await watch('nbf 30 s ahead', now => ({nbf: now + 30}), library => library === 'Nimbus');
process.exit(changed ? 1 : 0);
JS
node seen.mjs
