package dev.penstock.config;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Has gates reloaded when the process is sent SIGHUP, as daemons are by custom. Holds none of them.
 *
 * <p>Java has signals only in {@code sun.misc}, of the module {@code jdk.unsupported}, which an
 * image may do without; so it is reached by reflection, once somebody asks for it.
 */
final class ReloadSignal {

  private static final Set<ReloadingGate> GATES =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** Whether signals come here; found out when the first gate asks for them. */
  private static final class Handled {
    static final boolean IS = handle();
  }

  private ReloadSignal() {}

  /** Returns false where there is no such signal, or none comes. */
  static boolean reloads(ReloadingGate gate) {
    if (Handled.IS) {
      GATES.add(gate);
    }
    return Handled.IS;
  }

  static void forget(ReloadingGate gate) {
    GATES.remove(gate);
  }

  private static boolean handle() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              ReloadSignal.class.getClassLoader(), new Class<?>[] {handler}, ReloadSignal::invoked);
      Object hangup = signal.getConstructor(String.class).newInstance("HUP");
      Object before = signal.getMethod("handle", signal, handler).invoke(null, hangup, ours);
      // The virtual machine leaves a signal ignored that it was started with so, as by nohup.
      return before != handler.getField("SIG_IGN").get(null);
    } catch (ReflectiveOperationException e) {
      return false; // no such module, no such signal on Windows, or the virtual machine keeps it
    }
  }

  private static @Nullable Object invoked(
      Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "handle" -> reloaded();
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "ReloadSignal";
    };
  }

  private static @Nullable Object reloaded() {
    List.copyOf(GATES).forEach(ReloadingGate::reload);
    return null;
  }
}
