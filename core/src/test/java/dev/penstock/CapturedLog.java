package dev.penstock;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Takes what a system logger writes, through java.util.logging, on which it stands by default. */
public final class CapturedLog extends Handler implements AutoCloseable {

  private final Logger logger;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  public CapturedLog(Class<?> subject) {
    logger = Logger.getLogger(subject.getName());
    logger.setUseParentHandlers(false);
    logger.addHandler(this);
  }

  public List<LogRecord> records() {
    return records;
  }

  @Override
  public void publish(LogRecord entry) {
    records.add(entry);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
