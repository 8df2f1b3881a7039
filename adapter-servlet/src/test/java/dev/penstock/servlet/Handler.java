package dev.penstock.servlet;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers requests in a test. */
@FunctionalInterface
interface Handler {
  void handle(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException;
}
