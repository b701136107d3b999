import { Duration } from 'aws-cdk-lib';

/**
 * How long the load balancer goes on with the open requests of a task that leaves. Longer than nearly every request; AWS's 300 seconds
 * would make every deploy that much longer (Amazon ECS developer guide, optimize load balancer connection draining).
 */
export const DEREGISTRATION_DELAY = Duration.seconds(30);

/**
 * Time from SIGTERM to SIGKILL for a task behind a load balancer. Longer than the deregistration delay, since SIGTERM may come while
 * the load balancer still drains (aws/amazon-ecs-agent#2316; AWS containers blog, "Graceful shutdowns with ECS").
 */
export const STOP_TIMEOUT = Duration.seconds(60);

/** The same for a task that works off jobs: the longest that Fargate gives, and the notice of a Spot interruption. */
export const WORKER_STOP_TIMEOUT = Duration.seconds(120);

/** How long the load balancer's verdict on a new task does not count: time for a slow start. */
export const HEALTH_CHECK_GRACE = Duration.seconds(60);
