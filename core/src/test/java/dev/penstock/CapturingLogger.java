package dev.penstock;

import java.text.MessageFormat;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A system logger that keeps its lines. */
public final class CapturingLogger implements System.Logger {

  public record Line(Level level, String text, @Nullable Throwable cause) {}

  private final Level least;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private volatile @Nullable Error failure;

  public CapturingLogger(Level least) {
    this.least = least;
  }

  /** From now on lines are not kept: writing one fails. */
  public void failWith(@Nullable Error error) {
    failure = error;
  }

  public List<Line> lines() {
    return lines;
  }

  public List<String> texts() {
    return lines.stream().map(Line::text).toList();
  }

  @Override
  public String getName() {
    return "captured";
  }

  @Override
  public boolean isLoggable(Level level) {
    return level.compareTo(least) >= 0;
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable cause) {
    if (failure != null) {
      throw failure;
    }
    lines.add(new Line(level, String.valueOf(message), cause));
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object... parameters) {
    lines.add(new Line(level, MessageFormat.format(String.valueOf(format), parameters), null));
  }
}
