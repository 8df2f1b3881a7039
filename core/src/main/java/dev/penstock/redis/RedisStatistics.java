package dev.penstock.redis;

/**
 * What a Redis limiter has counted since it was made.
 *
 * @param available whether Redis is asked now, on a cluster every node
 * @param calls decisions and other questions that were put to Redis, failed ones included
 * @param roundTrips messages to Redis that bore them, as concurrent calls travel together
 * @param failures calls that failed, timeouts included
 * @param timeouts calls that were not answered in time
 * @param scriptLoads how often a server had to be sent the script
 * @param leasedDecisions requests permitted by tokens taken ahead, without a call
 * @param cheapDenials denials by what Redis had said shortly before, without a call
 * @param failoverDecisions decisions without Redis, by the failover mode
 * @param missedDecisions those of them that were made though Redis was not known to be away: for
 *     want of a connection, after a late answer or a lost connection, or as a key holds a foreign
 *     value; the first ones of an outage are among them
 */
public record RedisStatistics(
    boolean available,
    long calls,
    long roundTrips,
    long failures,
    long timeouts,
    long scriptLoads,
    long leasedDecisions,
    long cheapDenials,
    long failoverDecisions,
    long missedDecisions) {}
