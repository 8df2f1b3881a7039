package dev.penstock.config;

import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Says what is wrong with a policy file, and starts nothing:
 *
 * <pre>
 * java -cp penstock-core.jar:jackson-core.jar:snakeyaml.jar dev.penstock.config.CheckConfig FILE
 * </pre>
 *
 * <p>Prints a line for each fault, {@code file:line:column: path: message}, and ends with 0 where
 * there is none and 2 otherwise. What the file refers to is looked up here, too: environment
 * variables and files have to be as they will be.
 */
public final class CheckConfig {

  private static final int REFUSED = 2;

  private CheckConfig() {}

  /**
   * Checks a file.
   *
   * @param arguments one path
   */
  public static void main(String[] arguments) {
    System.exit(check(arguments, System.out, System.err));
  }

  /**
   * Checks a file, for programs that have a {@code --check} of their own.
   *
   * @param arguments one path
   * @param out where the result is printed
   * @param err where it is printed how this is used
   * @return 0 where the file is taken, 2 where it is refused, or the arguments are
   */
  public static int check(String[] arguments, PrintStream out, PrintStream err) {
    if (arguments.length != 1) {
      err.println("one policy file must be named: " + arguments.length);
      return REFUSED;
    }
    List<PolicyFault> faults;
    try {
      faults = PenstockConfig.check(Path.of(arguments[0]));
    } catch (InvalidPathException | IllegalStateException e) {
      err.println(e.getMessage());
      return REFUSED;
    }
    faults.forEach(out::println);
    if (faults.isEmpty()) {
      out.println(arguments[0] + ": no faults");
    }
    return faults.isEmpty() ? 0 : REFUSED;
  }
}
