#!/usr/bin/env bash
# Software: nimbus-jose-jwt 10.10, jose4j 0.9.7, jjwt 0.13.0, jwks-rsa 0.24.2 (Maven) and jose 6.2.18 (npm).
# Guess: an entry of a key set that a library cannot use is passed over, as RFC 7517 section 5 advises.
# Seen: Nimbus passes over a type of key it does not know, but refuses the whole set for a curve it does not know,
#   for a value of key_ops of its own, and where use and key_ops of one key disagree. The key that is wanted stands
#   first in the set and is fine. The other four verify the same token with the same sets. jose refuses where two
#   keys have one kid.
# Means: an identity provider that adds one key beside the old ones takes every caller's identity away where Nimbus
#   reads. Keep the last good set when a new one does not parse, say so in the log, and do not count such callers as
#   one client.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund jose@6.2.18
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>com.nimbusds</groupId><artifactId>nimbus-jose-jwt</artifactId><version>10.10</version></dependency>
<dependency><groupId>org.bitbucket.b_c</groupId><artifactId>jose4j</artifactId><version>0.9.7</version></dependency>
<dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-impl</artifactId><version>0.13.0</version></dependency>
<dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-jackson</artifactId>
<version>0.13.0</version></dependency>
<dependency><groupId>com.auth0</groupId><artifactId>jwks-rsa</artifactId><version>0.24.2</version></dependency>
<dependency><groupId>com.auth0</groupId><artifactId>java-jwt</artifactId><version>4.6.2</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Read.java <<'JAVA'
import com.auth0.jwk.UrlJwkProvider;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.util.concurrent.Callable;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;

public class Read {
  static void tell(String library, Callable<String> subject) {
    try {
      System.out.println(library + "\tverifies, sub " + subject.call());
    } catch (Exception e) {
      System.out.println(library + "\trefuses: " + e.getMessage().split("\n")[0]);
    }
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    String set = Files.readString(file);
    String token = args[1];
    tell("Nimbus", () -> {
      var processor = new DefaultJWTProcessor<SecurityContext>();
      processor.setJWSKeySelector(
          new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, new ImmutableJWKSet<>(JWKSet.parse(set))));
      return processor.process(token, null).getSubject();
    });
    tell("jose4j", () -> new JwtConsumerBuilder()
        .setVerificationKeyResolver(new JwksVerificationKeyResolver(new JsonWebKeySet(set).getJsonWebKeys()))
        .build().processToClaims(token).getSubject());
    tell("jjwt", () -> {
      var keys = Jwks.setParser().build().parse(set).getKeys();
      return Jwts.parser().keyLocator(header -> keys.stream()
          .filter(key -> header.get("kid").equals(key.getId())).findFirst().orElseThrow().toKey())
          .build().parseSignedClaims(token).getPayload().getSubject();
    });
    tell("jwks-rsa", () -> {
      var key = (RSAPublicKey) new UrlJwkProvider(file.toUri().toURL()).get("good").getPublicKey();
      return JWT.require(Algorithm.RSA256(key, null)).build().verify(token).getSubject();
    });
  }
}
JAVA
javac -cp 'lib/*' -d . Read.java
cat > seen.mjs <<'JS'
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT} from 'jose';

const pair = await generateKeyPair('RS256');
const other = await exportJWK((await generateKeyPair('RS256')).publicKey);
const good = {...await exportJWK(pair.publicKey), kid: 'good', use: 'sig', alg: 'RS256'};
const token = await new SignJWT({sub: 'user-1'}).setProtectedHeader({alg: 'RS256', kid: 'good'})
    .setExpirationTime('1h').sign(pair.privateKey);
const curve = {kty: 'EC', crv: 'brainpoolP256r1', kid: 'new',
  x: 'i9K5y02uNGeTNHLgcsn0eNWZLIZTx8mWLJlSa_fSbmI', y: 'VH7pV0WafmTHEeX62VUHf_Nd6THCJe64VF48b9Iz37Y'};
const second = {
  'nothing': [],
  'a key of an unknown type': [{kty: 'SOON', kid: 'new', pub: 'AAAA'}],
  'a key on an unknown curve': [curve],
  'a key with key_ops of its own': [{...other, kid: 'new', key_ops: ['verify', 'example:attest']}],
  'a key whose use and key_ops disagree': [{...other, kid: 'new', use: 'sig', key_ops: ['encrypt']}],
  'the same key once more': [good],
};
const refusals = {
  'a key on an unknown curve': ['Nimbus'],
  'a key with key_ops of its own': ['Nimbus'],
  'a key whose use and key_ops disagree': ['Nimbus'],
  'the same key once more': ['jose'],
};

let changed = false;
for (const [what, more] of Object.entries(second)) {
  const set = {keys: [good, ...more]};
  fs.writeFileSync('set.json', JSON.stringify(set));
  const lines = execFileSync('java', ['-cp', 'lib/*:.', 'Read', 'set.json', token],
      {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim().split('\n');
  lines.push(await jwtVerify(token, createLocalJWKSet(set))
      .then(({payload}) => `jose\tverifies, sub ${payload.sub}`, error => `jose\trefuses: ${error.message}`));
  console.log(`beside the good key: ${what}`);
  for (const line of lines) {
    const [library, end] = line.split('\t');
    const fine = end.startsWith('refuses') === (refusals[what] ?? []).includes(library);
    changed ||= !fine;
    console.log(`   ${library.padEnd(9)}${end}`, fine ? '' : '  CHANGED');
  }
}
process.exit(changed ? 1 : 0);
JS
node seen.mjs
