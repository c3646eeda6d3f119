"""What is cached where, for how long, and how it is kept right.

Sections `application_caching`, `http_caching` and `cache_management` of the architecture document. Data only: nothing
here measures or enforces.
"""

from __future__ import annotations

from slo import promql
from slo.panels import BURN_RATE, CACHE_AGE, CACHE_OBJECTS
from slo.promql import increase, maximum, one_of, select
from slo.reference import AlertRule, Comparison, Limit, Part, Planned, Sli
from slo.target import Kind, Target, choice, count, hours, minutes, percent, seconds

_TESTS = "tests/targets/test_caching.py"
_KUBERNETES_TESTS = "tests/targets/test_kubernetes_cache.py"
_MANAGEMENT_TESTS = "tests/targets/test_cache_management.py"
_HOURS_PER_YEAR = 365 * 24
_LOOKUPS = "kubechat_cache_lookups_total"
_OLDEST = "kubechat_cache_oldest_entry_age_seconds"
CACHES_OF_OBJECTS = ("kubernetes_answers", "vocabularies")
"""The caches that hold what clusters hold, by their metric label."""
CACHES_OF_MODELS = ("nlp_models", "nlp_prompts", "nlp_vocabularies")
"""The caches of the language service: clients of models, beginnings of prompts, compiled names."""
_HITS = promql.total(increase(select(_LOOKUPS, result="hit"), 3600))
_ALL = promql.total(increase(select(_LOOKUPS), 3600))
_ENOUGH = 1_000

_NO_TEMPLATES = Planned(Part.AUDIT, "There are no audit templates yet that could be cached.")
_API_CACHING = "Answers of the API are not stored by browsers at all until each route has a cache class."

KUBERNETES_CACHE_TYPE = Target(
    "application_caching.kubernetes_api_cache.cache_type",
    "Answers of Kubernetes APIs are cached in memory; the least recently used one goes first.",
    Kind.CAPABILITY,
    (choice("memory_lru"),),
    "An answer is kept for whoever asked, under all of their groups: nobody is shown what the cluster told another.",
    enforced_by=(Limit("app.domain.clusters.answers:Answers"), Limit("app.infra.cache.memory:MemoryCache")),
    test=f"{_KUBERNETES_TESTS}::test_answers_are_kept_in_memory_and_the_one_used_least_recently_goes_first",
)
KUBERNETES_CACHE_TTL = Target(
    "application_caching.kubernetes_api_cache.ttl",
    "A cached answer of a Kubernetes API is at most 30 seconds old.",
    Kind.LIMIT,
    (seconds(30),),
    "Of answers and of names. Resource types say what a cluster can do and nothing of what it holds: they are kept as "
    "long as other caches.",
    sli=Sli(_OLDEST, maximum(select(_OLDEST, cache=one_of(CACHES_OF_OBJECTS)).query), Comparison.AT_MOST),
    enforced_by=(
        Limit("app.domain.clusters.answers:Answers"),
        Limit("app.gateway.service.language:Language"),
        Limit("app.infra.cache.memory:MemoryCache"),
    ),
    alert="KubernetesCacheOutOfBounds",
    panel=CACHE_AGE,
    test=f"{_KUBERNETES_TESTS}::test_words_and_answers_of_a_cluster_are_asked_again_after_30_seconds",
)
KUBERNETES_CACHE_MAX_SIZE = Target(
    "application_caching.kubernetes_api_cache.max_size",
    "A replica caches at most 10,000 Kubernetes objects, over all clusters.",
    Kind.LIMIT,
    (count(10_000),),
    "In answers, and named in vocabularies, together: both are what a replica holds of clusters.",
    sli=Sli(
        "kubechat_cache_objects",
        maximum(promql.total(select("kubechat_cache_objects").query, ("job", "instance"))),
        Comparison.AT_MOST,
    ),
    enforced_by=(Limit("app.infra.cache.caches:Caches.make_room"),),
    alert="KubernetesCacheOutOfBounds",
    panel=CACHE_OBJECTS,
    test=f"{_KUBERNETES_TESTS}::test_answers_and_words_of_all_clusters_together_hold_10000_objects_at_most",
)
KUBERNETES_CACHE_USE_CASE = Target(
    "application_caching.kubernetes_api_cache.use_case",
    "Resources that are read often come from the cache.",
    Kind.CAPABILITY,
    test=f"{_KUBERNETES_TESTS}::test_what_is_read_again_comes_from_the_cache",
)
SESSION_CACHE_TYPE = Target(
    "application_caching.user_session_cache.cache_type",
    "Sign-in sessions are cached in Redis for all replicas.",
    Kind.CAPABILITY,
    (choice("redis"),),
    test=f"{_TESTS}::test_a_session_that_one_replica_has_looked_up_is_known_to_all",
)
SESSION_CACHE_TTL = Target(
    "application_caching.user_session_cache.ttl",
    "A sign-in session lasts 24 hours unless the customer says otherwise.",
    Kind.SETTING,
    (hours(24),),
    enforced_by=(Limit("app.gateway.store.accounts:Accounts.find_session"),),
    test=f"{_TESTS}::test_a_session_lasts_24_hours_unless_the_settings_say_otherwise",
)
SESSION_CACHE_PERSISTENCE = Target(
    "application_caching.user_session_cache.persistence",
    "Sign-in sessions outlive a restart of any service.",
    Kind.CAPABILITY,
    test=f"{_TESTS}::test_a_session_outlives_the_death_of_the_gateway_the_cache_and_the_database",
)
NLP_CACHE_TYPE = Target(
    "application_caching.nlp_model_cache.cache_type",
    "Models and vocabularies are cached in memory.",
    Kind.CAPABILITY,
    (choice("memory"),),
    "Of a model: its client, and the beginnings of prompts. The model itself is in its endpoint's memory.",
    enforced_by=(
        Limit("app.nlp.vocabularies:Vocabularies"),
        Limit("app.nlp.models.client_cache:Models"),
        Limit("app.nlp.models.prompt_cache:Prompts"),
    ),
    test=f"{_TESTS}::test_models_and_vocabularies_are_cached_in_memory",
)
NLP_CACHE_TTL = Target(
    "application_caching.nlp_model_cache.ttl",
    "A model or vocabulary that nobody asks for is kept for 1 hour.",
    Kind.LIMIT,
    (hours(1),),
    sli=Sli(_OLDEST, promql.maximum(select(_OLDEST, cache=one_of(CACHES_OF_MODELS)).query), Comparison.AT_MOST),
    enforced_by=(
        Limit("app.nlp.vocabularies:Vocabularies"),
        Limit("app.nlp.models.client_cache:Models"),
        Limit("app.nlp.models.prompt_cache:Prompts"),
    ),
    alert="CacheOutOfBounds",
    panel=CACHE_AGE,
    test=f"{_TESTS}::test_a_vocabulary_that_nobody_asks_for_is_kept_for_an_hour",
)
NLP_CACHE_WARMING = Target(
    "application_caching.nlp_model_cache.warming",
    "Models that are used often are loaded before they are asked for.",
    Kind.CAPABILITY,
    (),
    "A replica loads its model's client before it is ready. The names that are in use, and prompts with them, it is "
    "given by the gateway within seconds: it knows of none by itself, and waits for nobody.",
    enforced_by=(Limit("app.nlp.service:PlanService.warm_up"), Limit("app.gateway.service.language:Language")),
    test=f"{_TESTS}::test_models_and_names_that_are_used_often_are_loaded_before_they_are_asked_for",
)
AUDIT_CACHE_TYPE = Target(
    "application_caching.audit_template_cache.cache_type",
    "Audit templates are cached in Redis.",
    Kind.CAPABILITY,
    (choice("redis"),),
    planned=_NO_TEMPLATES,
)
AUDIT_CACHE_TTL = Target(
    "application_caching.audit_template_cache.ttl",
    "A cached audit template is at most 15 minutes old.",
    Kind.LIMIT,
    (minutes(15),),
    planned=_NO_TEMPLATES,
)
AUDIT_CACHE_INVALIDATION = Target(
    "application_caching.audit_template_cache.invalidation",
    "A changed audit template is dropped from all caches at once.",
    Kind.CAPABILITY,
    planned=_NO_TEMPLATES,
)

STATIC_CACHE_CONTROL = Target(
    "http_caching.static_resources.cache_control",
    "Browsers keep hashed static files for a year.",
    Kind.SETTING,
    (choice("public, max-age=31536000", "header"), hours(_HOURS_PER_YEAR, "max_age")),
    "For names that carry their content's hash only; index.html is asked for again each time.",
    enforced_by=(Limit("app.gateway.routes.web:web_routes"),),
    test=f"{_TESTS}::test_browsers_keep_hashed_files_for_a_year",
)
STATIC_ETAG = Target(
    "http_caching.static_resources.etag",
    "Static files have a strong ETag.",
    Kind.CAPABILITY,
    (choice("strong"),),
    test=f"{_TESTS}::test_static_files_have_a_strong_etag_of_the_bytes_that_are_sent",
)
STATIC_COMPRESSION = Target(
    "http_caching.static_resources.compression",
    "Static files are sent with brotli or gzip, whichever the browser takes.",
    Kind.CAPABILITY,
    (choice("br", "preferred"), choice("gzip", "fallback")),
    test=f"{_TESTS}::test_static_files_are_sent_with_brotli_or_gzip_whichever_the_browser_takes",
)
API_CACHE_CONTROL = Target(
    "http_caching.api_responses.cache_control",
    "A browser may keep an API answer for 5 minutes, for its own person.",
    Kind.SETTING,
    (choice("private, max-age=300", "header"), minutes(5, "max_age")),
    planned=Planned(Part.GATEWAY, _API_CACHING),
)
API_CONDITIONAL_REQUESTS = Target(
    "http_caching.api_responses.conditional_requests",
    "An answer that has not changed since the browser's copy is 304 without a body.",
    Kind.CAPABILITY,
    (choice("If-Modified-Since"),),
    planned=Planned(Part.GATEWAY, _API_CACHING),
)
API_VARY_HEADERS = Target(
    "http_caching.api_responses.vary_headers",
    "A cached answer is never shown to another person.",
    Kind.SETTING,
    (choice("Authorization, Cookie", "vary"),),
    "Browsers sign in by cookie, so the header names both.",
    planned=Planned(Part.GATEWAY, _API_CACHING),
)
KUBERNETES_CACHE_CONTROL = Target(
    "http_caching.kubernetes_data.cache_control",
    "Answers with a cluster's state are never kept by a browser without asking.",
    Kind.SETTING,
    (choice("no-cache, must-revalidate", "header"),),
    planned=Planned(
        Part.GATEWAY,
        "Browsers store nothing of it, which is stricter; the header comes with that part.",
    ),
)
KUBERNETES_REAL_TIME_UPDATES = Target(
    "http_caching.kubernetes_data.real_time_updates",
    "Changes in a cluster reach the browser over its WebSocket.",
    Kind.CAPABILITY,
    (choice("websocket"),),
    "A table in an open chat: one watch as the person who looks, told row by row, twice a second at most.",
    test=f"{_KUBERNETES_TESTS}::test_what_changes_in_a_cluster_reaches_the_browser_over_its_websocket",
)

STARTUP_WARMING = Target(
    "cache_management.warming_strategies.startup_warming",
    "A replica loads critical data before it is ready, and waits for that 10 seconds at most.",
    Kind.CAPABILITY,
    (seconds(10, "deadline"),),
    "Critical is what people wait for: the names and resource types of the clusters that were asked for most, and the "
    "sessions and roles of active people. Clusters, what roles may do, and targets are in memory from the start.",
    enforced_by=(Limit("app.gateway.service.warming:Warming.start"),),
    test=f"{_MANAGEMENT_TESTS}::test_a_replica_loads_critical_data_before_it_is_ready_and_waits_for_10_seconds_at_most",
)
PREDICTIVE_WARMING = Target(
    "cache_management.warming_strategies.predictive_warming",
    "The keys that were used most in the last hour are loaded ahead, as long as a fifth of them is used.",
    Kind.CAPABILITY,
    (hours(1, "history"), percent(20, "least_use")),
    enforced_by=(Limit("app.gateway.service.warming:Warming.predict"),),
    test=f"{_MANAGEMENT_TESTS}::test_what_was_used_most_in_the_last_hour_is_loaded_ahead_while_a_fifth_of_it_is_used",
)
BACKGROUND_REFRESH = Target(
    "cache_management.warming_strategies.background_refresh",
    "Entries in use are refreshed before they expire.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_names_in_use_are_refreshed_before_they_expire_and_nobody_waits_for_them",
)
EVENT_DRIVEN_INVALIDATION = Target(
    "cache_management.invalidation_patterns.event_driven",
    "A data change's event invalidates what was cached of it.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_a_changes_event_invalidates_what_every_replica_has_cached_of_it",
)
TIME_BASED_INVALIDATION = Target(
    "cache_management.invalidation_patterns.time_based",
    "Every cached entry expires.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_every_cached_entry_expires",
)
MANUAL_INVALIDATION = Target(
    "cache_management.invalidation_patterns.manual_invalidation",
    "An administrator can clear every cache.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_an_administrator_clears_every_cache_of_every_replica",
)
CACHE_HIT_RATIO = Target(
    "cache_management.cache_monitoring.hit_ratio",
    "More than 90 % of look-ups in a cache are answered from it.",
    Kind.OBJECTIVE,
    (percent(90),),
    "Judged over all caches together, from 1,000 look-ups an hour: a cold cache misses by design. It can be kept since "
    "what is in use, such as names that live for 30 seconds, is refreshed before it expires.",
    sli=Sli(
        _LOOKUPS,
        promql.both(promql.divided(_HITS, _ALL), promql.reaching(_ALL, _ENOUGH)),
        Comparison.ABOVE,
        waits_for="1,000 look-ups within an hour",
    ),
    enforced_by=(AlertRule("SLOBurnPageSlow"),),
    alert="SLOBurnPageSlow",
    panel=BURN_RATE,
    test=f"{_MANAGEMENT_TESTS}::test_the_caches_objective_is_nine_hits_in_ten",
)
CACHE_EVICTION_RATE = Target(
    "cache_management.cache_monitoring.eviction_rate",
    "Evictions of every cache are counted.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_the_evictions_of_every_cache_are_counted",
)
CACHE_MEMORY_USAGE = Target(
    "cache_management.cache_monitoring.memory_usage",
    "The memory that every cache takes is measured.",
    Kind.CAPABILITY,
    test=f"{_MANAGEMENT_TESTS}::test_the_memory_that_every_cache_takes_is_measured",
)
