from __future__ import annotations

from domain.catalogue import algorithms, complete, system_templates, validate

TEMPLATES = {template.slug: template for template in system_templates()}


def test_there_is_one_template_for_each_algorithm_of_each_task() -> None:
    assert [(template.task_type, template.algorithm) for template in TEMPLATES.values()] == [
        (algorithm.task, algorithm.name) for algorithm in algorithms()
    ]
    assert len({template.name for template in TEMPLATES.values()}) == len(TEMPLATES) == 16


def test_the_slugs_stay_as_they_are() -> None:
    assert list(TEMPLATES) == [
        "algorithmic-trading-dqn",
        "algorithmic-trading-ddqn",
        "algorithmic-trading-deepscalper",
        "portfolio-management-ppo",
        "portfolio-management-a2c",
        "portfolio-management-pg",
        "portfolio-management-ddpg",
        "portfolio-management-sac",
        "portfolio-management-td3",
        "portfolio-management-eiie",
        "portfolio-management-sarl",
        "portfolio-management-deeptrader",
        "portfolio-management-investor-imitator",
        "order-execution-eteo",
        "order-execution-pd",
        "high-frequency-trading-ddqn",
    ]


def test_a_template_holds_the_whole_good_configuration() -> None:
    for template in TEMPLATES.values():
        assert validate(template.task_type, template.algorithm, template.config_template) == ()
        whole = complete(template.task_type, template.algorithm, {})
        differing = {name for name, value in template.config_template.items() if whole[name] != value}
        promised = {"epochs", "batch_size", "discount"} if template.slug == "portfolio-management-ppo" else set()
        assert (template.config_template.keys(), differing) == (whole.keys(), promised)
        assert len(template.name) <= 100
        assert len(template.description) <= 2_000


def test_the_two_templates_that_are_promised() -> None:
    ppo = TEMPLATES["portfolio-management-ppo"].config_template
    assert (ppo["epochs"], ppo["learning_rate"], ppo["batch_size"], ppo["discount"]) == (10, 0.001, 32, 0.99)
    dqn = TEMPLATES["algorithmic-trading-dqn"].config_template
    promised = (dqn["epochs"], dqn["learning_rate"], dqn["buffer_size"], dqn["target_update"])
    assert promised == (50, 0.0005, 10_000, 100)


def test_a_template_can_be_changed_without_changing_the_next() -> None:
    system_templates()[0].config_template["epochs"] = 1
    assert system_templates()[0].config_template["epochs"] == 50
