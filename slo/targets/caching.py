"""What is cached where, for how long, and how it is kept right.

Sections `application_caching`, `http_caching` and `cache_management` of the architecture document. Data only: nothing
here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, hours, minutes, percent, seconds

_HOURS_PER_YEAR = 365 * 24

KUBERNETES_CACHE_TYPE = Target(
    "application_caching.kubernetes_api_cache.cache_type",
    "Answers of Kubernetes APIs are cached in memory; the least recently used one goes first.",
    Kind.CAPABILITY,
    (choice("memory_lru"),),
)
KUBERNETES_CACHE_TTL = Target(
    "application_caching.kubernetes_api_cache.ttl",
    "A cached answer of a Kubernetes API is at most 30 seconds old.",
    Kind.LIMIT,
    (seconds(30),),
)
KUBERNETES_CACHE_MAX_SIZE = Target(
    "application_caching.kubernetes_api_cache.max_size",
    "A replica caches at most 10,000 Kubernetes objects, over all clusters.",
    Kind.LIMIT,
    (count(10_000),),
)
KUBERNETES_CACHE_USE_CASE = Target(
    "application_caching.kubernetes_api_cache.use_case",
    "Resources that are read often come from the cache.",
    Kind.CAPABILITY,
)
SESSION_CACHE_TYPE = Target(
    "application_caching.user_session_cache.cache_type",
    "Sign-in sessions are cached in Redis for all replicas.",
    Kind.CAPABILITY,
    (choice("redis"),),
)
SESSION_CACHE_TTL = Target(
    "application_caching.user_session_cache.ttl",
    "A sign-in session lasts 24 hours unless the customer says otherwise.",
    Kind.SETTING,
    (hours(24),),
)
SESSION_CACHE_PERSISTENCE = Target(
    "application_caching.user_session_cache.persistence",
    "Sign-in sessions outlive a restart of any service.",
    Kind.CAPABILITY,
)
NLP_CACHE_TYPE = Target(
    "application_caching.nlp_model_cache.cache_type",
    "Models and vocabularies are cached in memory.",
    Kind.CAPABILITY,
    (choice("memory"),),
)
NLP_CACHE_TTL = Target(
    "application_caching.nlp_model_cache.ttl",
    "A model or vocabulary that nobody asks for is kept for 1 hour.",
    Kind.LIMIT,
    (hours(1),),
)
NLP_CACHE_WARMING = Target(
    "application_caching.nlp_model_cache.warming",
    "Models that are used often are loaded before they are asked for.",
    Kind.CAPABILITY,
)
AUDIT_CACHE_TYPE = Target(
    "application_caching.audit_template_cache.cache_type",
    "Audit templates are cached in Redis.",
    Kind.CAPABILITY,
    (choice("redis"),),
)
AUDIT_CACHE_TTL = Target(
    "application_caching.audit_template_cache.ttl",
    "A cached audit template is at most 15 minutes old.",
    Kind.LIMIT,
    (minutes(15),),
)
AUDIT_CACHE_INVALIDATION = Target(
    "application_caching.audit_template_cache.invalidation",
    "A changed audit template is dropped from all caches at once.",
    Kind.CAPABILITY,
)

STATIC_CACHE_CONTROL = Target(
    "http_caching.static_resources.cache_control",
    "Browsers keep hashed static files for a year.",
    Kind.SETTING,
    (choice("public, max-age=31536000", "header"), hours(_HOURS_PER_YEAR, "max_age")),
    "For names that carry their content's hash only; index.html is asked for again each time.",
)
STATIC_ETAG = Target(
    "http_caching.static_resources.etag",
    "Static files have a strong ETag.",
    Kind.CAPABILITY,
    (choice("strong"),),
)
STATIC_COMPRESSION = Target(
    "http_caching.static_resources.compression",
    "Static files are sent with brotli or gzip, whichever the browser takes.",
    Kind.CAPABILITY,
    (choice("br", "preferred"), choice("gzip", "fallback")),
)
API_CACHE_CONTROL = Target(
    "http_caching.api_responses.cache_control",
    "A browser may keep an API answer for 5 minutes, for its own person.",
    Kind.SETTING,
    (choice("private, max-age=300", "header"), minutes(5, "max_age")),
)
API_CONDITIONAL_REQUESTS = Target(
    "http_caching.api_responses.conditional_requests",
    "An answer that has not changed since the browser's copy is 304 without a body.",
    Kind.CAPABILITY,
    (choice("If-Modified-Since"),),
)
API_VARY_HEADERS = Target(
    "http_caching.api_responses.vary_headers",
    "A cached answer is never shown to another person.",
    Kind.SETTING,
    (choice("Authorization, Cookie", "vary"),),
    "Browsers sign in by cookie, so the header names both.",
)
KUBERNETES_CACHE_CONTROL = Target(
    "http_caching.kubernetes_data.cache_control",
    "Answers with a cluster's state are never kept by a browser without asking.",
    Kind.SETTING,
    (choice("no-cache, must-revalidate", "header"),),
)
KUBERNETES_REAL_TIME_UPDATES = Target(
    "http_caching.kubernetes_data.real_time_updates",
    "Changes in a cluster reach the browser over its WebSocket.",
    Kind.CAPABILITY,
    (choice("websocket"),),
)

STARTUP_WARMING = Target(
    "cache_management.warming_strategies.startup_warming",
    "A replica loads critical data before it is ready, and waits for that 10 seconds at most.",
    Kind.CAPABILITY,
    (seconds(10, "deadline"),),
)
PREDICTIVE_WARMING = Target(
    "cache_management.warming_strategies.predictive_warming",
    "The keys that were used most in the last hour are loaded ahead, as long as a fifth of them is used.",
    Kind.CAPABILITY,
    (hours(1, "history"), percent(20, "least_use")),
)
BACKGROUND_REFRESH = Target(
    "cache_management.warming_strategies.background_refresh",
    "Entries in use are refreshed before they expire.",
    Kind.CAPABILITY,
)
EVENT_DRIVEN_INVALIDATION = Target(
    "cache_management.invalidation_patterns.event_driven",
    "A data change's event invalidates what was cached of it.",
    Kind.CAPABILITY,
)
TIME_BASED_INVALIDATION = Target(
    "cache_management.invalidation_patterns.time_based",
    "Every cached entry expires.",
    Kind.CAPABILITY,
)
MANUAL_INVALIDATION = Target(
    "cache_management.invalidation_patterns.manual_invalidation",
    "An administrator can clear every cache.",
    Kind.CAPABILITY,
)
CACHE_HIT_RATIO = Target(
    "cache_management.cache_monitoring.hit_ratio",
    "More than 90 % of look-ups in a cache are answered from it.",
    Kind.OBJECTIVE,
    (percent(90),),
)
CACHE_EVICTION_RATE = Target(
    "cache_management.cache_monitoring.eviction_rate",
    "Evictions of every cache are counted.",
    Kind.CAPABILITY,
)
CACHE_MEMORY_USAGE = Target(
    "cache_management.cache_monitoring.memory_usage",
    "The memory that every cache takes is measured.",
    Kind.CAPABILITY,
)
