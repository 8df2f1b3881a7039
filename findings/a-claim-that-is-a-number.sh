#!/usr/bin/env bash
# Software: nimbus-jose-jwt 10.10, java-jwt 4.6.2, jose4j 0.9.7, jjwt 0.13.0 (Maven), jose 6.2.18, jsonwebtoken
#   9.0.3 (npm).
# Guess: one signed token names one user and one tenant, whichever library reads it.
# Seen: a sub of 42 is the text "42" in Nimbus and java-jwt, the number 42 in both npm libraries, and jose4j and
#   jjwt refuse the whole token. A tenant of 42, read as text: java-jwt says null as if it were missing, the other
#   three of Java throw. The tenants 12345678901234567890 and ...891 are one and the same in Nimbus's getClaim and
#   on npm. An empty sub is null in jjwt and "" elsewhere.
# Means: a rule that falls back where a claim is missing silently moves such users to another key, and two big
#   tenants share a budget. Take text only, say so where a claim is there and is none, and have the provider write
#   ids as text.
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

# Arguments of both readers: secret, then pairs of a claim and a token. They print library, claim number, what was read.
cat > Read.java <<'JAVA'
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.util.concurrent.Callable;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

public class Read {
  static void tell(String library, int number, Callable<Object> read) {
    String seen;
    try {
      Object value = read.call();
      seen = value instanceof String ? '"' + (String) value + '"' : String.valueOf(value);
    } catch (Exception e) {
      seen = "throws";
    }
    System.out.println(library + "\t" + number + "\t" + seen);
  }

  public static void main(String[] args) {
    byte[] secret = args[0].getBytes();
    for (int i = 1; i < args.length; i += 2) {
      String claim = args[i];
      String token = args[i + 1];
      boolean sub = claim.equals("sub");
      tell("Nimbus", i / 2, () -> {
        var jwt = SignedJWT.parse(token);
        if (!jwt.verify(new MACVerifier(secret))) {
          throw new IllegalStateException("signature");
        }
        return sub ? jwt.getJWTClaimsSet().getSubject() : jwt.getJWTClaimsSet().getStringClaim(claim);
      });
      tell("getClaim", i / 2, () -> SignedJWT.parse(token).getJWTClaimsSet().getClaim(claim));
      tell("java-jwt", i / 2, () -> {
        var jwt = JWT.require(Algorithm.HMAC256(secret)).build().verify(token);
        return sub ? jwt.getSubject() : jwt.getClaim(claim).asString();
      });
      tell("jose4j", i / 2, () -> {
        var claims = new JwtConsumerBuilder().setVerificationKey(Keys.hmacShaKeyFor(secret)).build()
            .processToClaims(token);
        return sub ? claims.getSubject() : claims.getStringClaimValue(claim);
      });
      tell("jjwt", i / 2, () -> {
        var claims = Jwts.parser().verifyWith(Keys.hmacShaKeyFor(secret)).build().parseSignedClaims(token).getPayload();
        return sub ? claims.getSubject() : claims.get(claim, String.class);
      });
    }
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
  const input = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}
const columns = ['Nimbus', 'getClaim', 'java-jwt', 'jose4j', 'jjwt', 'jose', 'jsonwebtoken'];
const rows = [
  ['sub', '"sub":"42"', '"42" "42" "42" "42" "42" "42" "42"'],
  ['sub', '"sub":42', '"42" "42" "42" throws throws 42 42'],
  ['sub', '"sub":""', '"" "" "" "" null "" ""'],
  ['tenant', '"tenant":"42"', '"42" "42" "42" "42" "42" "42" "42"'],
  ['tenant', '"tenant":42', 'throws 42 null throws throws 42 42'],
  ['tenant', '"tenant":12345678901234567890',
    'throws 1.2345678901234567E19 null throws throws 12345678901234567000 12345678901234567000'],
  ['tenant', '"tenant":12345678901234567891',
    'throws 1.2345678901234567E19 null throws throws 12345678901234567000 12345678901234567000'],
  ['tenant', '"other":1', 'null null null null null undefined undefined'],
];
const tokens = rows.map(([claim, json]) => [claim, sign(`{${json},"exp":4102444800}`)]);
const seen = rows.map(() => ({}));
const said = execFileSync('java', ['-cp', 'lib/*:.', 'Read', secret, ...tokens.flat()],
    {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
for (const line of said.trim().split('\n')) {
  const [library, number, value] = line.split('\t');
  seen[number][library] = value;
}
for (const [i, [claim, token]] of tokens.entries()) {
  seen[i].jose = String(JSON.stringify((await jwtVerify(token, Buffer.from(secret))).payload[claim]));
  seen[i].jsonwebtoken = String(JSON.stringify(jsonwebtoken.verify(token, secret)[claim]));
}
let changed = false;
for (const [i, [claim, json, wanted]] of rows.entries()) {
  const got = columns.map(column => seen[i][column]).join(' ');
  changed ||= got !== wanted;
  console.log(`{${json}} ${claim}:`, columns.map(column => `${column} ${seen[i][column]}`).join(', '),
      got === wanted ? '' : `  CHANGED, was ${wanted}`);
}
process.exit(changed ? 1 : 0);
JS
node seen.mjs
