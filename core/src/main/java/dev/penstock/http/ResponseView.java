package dev.penstock.http;

import java.util.List;

/**
 * What the pipeline sees of a response that has ended. An adapter implements it over its server's
 * own response.
 *
 * <p>Read by one thread only, whichever ends the response, while {@link Verdict.Proceed#ended}
 * runs.
 */
public interface ResponseView {

  /**
   * {@return the status code that was sent, 100 to 599; 0 where the response ended before there was
   * one}
   */
  int status();

  /**
   * {@return the values of all lines of a header field as the handler has set them, in their order,
   * those that are {@linkplain Verdict.Proceed#removedFields removed} included; empty where there
   * is none}
   *
   * @param name the name of the field, in any case
   */
  List<String> headerLines(String name);
}
