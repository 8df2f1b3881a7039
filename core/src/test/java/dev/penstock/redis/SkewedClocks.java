package dev.penstock.redis;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * An agent that sets every clock ahead which the classes of Penstock and jedis read, as if the
 * machine's were wrong: each call of the JDK's clocks in their code, or reference to them, becomes
 * one of the methods here.
 */
public final class SkewedClocks implements ClassFileTransformer {

  private static final Set<String> CLOCKS =
      Set.of(
          "java/lang/System.currentTimeMillis()J",
          "java/lang/System.nanoTime()J",
          "java/time/Instant.now()Ljava/time/Instant;");

  private static Duration skew = Duration.ZERO;

  private SkewedClocks() {}

  /**
   * Is called by the JVM before {@code main}.
   *
   * @param duration how far ahead, as ISO 8601 has it; negative is behind
   */
  public static void premain(String duration, Instrumentation instrumentation) {
    skew = Duration.parse(duration);
    instrumentation.addTransformer(new SkewedClocks());
  }

  public static long currentTimeMillis() {
    return System.currentTimeMillis() + skew.toMillis();
  }

  public static long nanoTime() {
    return System.nanoTime() + skew.toNanos();
  }

  public static Instant now() {
    return Instant.now().plus(skew);
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      String name,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] code) {
    if (!name.startsWith("dev/penstock/") && !name.startsWith("redis/clients/")) {
      return null;
    }
    ClassReader reader = new ClassReader(code);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(new Redirect(writer), 0);
    return writer.toByteArray();
  }

  private static String owner(String owner, String name, String descriptor) {
    return CLOCKS.contains(owner + "." + name + descriptor)
        ? SkewedClocks.class.getName().replace('.', '/')
        : owner;
  }

  private static Object redirected(Object constant) {
    return constant instanceof Handle handle
        ? new Handle(
            handle.getTag(),
            owner(handle.getOwner(), handle.getName(), handle.getDesc()),
            handle.getName(),
            handle.getDesc(),
            handle.isInterface())
        : constant;
  }

  private static final class Redirect extends ClassVisitor {

    Redirect(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String method,
        String type,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      MethodVisitor next = super.visitMethod(access, method, type, signature, exceptions);
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitMethodInsn(
            int opcode, String owner, String name, String descriptor, boolean isInterface) {
          String to = owner(owner, name, descriptor);
          super.visitMethodInsn(opcode, to, name, descriptor, isInterface);
        }

        @Override
        public void visitInvokeDynamicInsn(
            String name, String descriptor, Handle bootstrap, Object... arguments) {
          Object[] to = Arrays.stream(arguments).map(SkewedClocks::redirected).toArray();
          super.visitInvokeDynamicInsn(name, descriptor, bootstrap, to);
        }
      };
    }
  }
}
