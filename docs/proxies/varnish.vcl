vcl 4.1;
# Varnish before services that Penstock limits. 8080: the service; the services trust Varnish's address.
backend agents {
  .host = "127.0.0.1";
  .port = "8080";
  .first_byte_timeout = 300s;
}

sub vcl_recv {
  # Who is charged: Varnish has added the client to X-Forwarded-For before this, at the right.
  unset req.http.Forwarded;
  # Varnish reads no answer before it has sent all content, so the service must read that: see Patience.
}

sub vcl_backend_response {
  # What is kept for everybody says nothing of one client's limits.
  if (!bereq.uncacheable && beresp.http.Cache-Control !~ "(?i)private|no-store|no-cache") {
    unset beresp.http.RateLimit;
    unset beresp.http.RateLimit-Policy;
  }
  # No "return (retry)" on 429 or 503: it charges a request again.
}
