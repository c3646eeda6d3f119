"""What is committed is what is generated, and a difference is said."""

from deploy.generate import ROOT, generated_files, main


def test_the_committed_files_are_what_is_generated(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_writing_makes_the_check_pass_and_a_touched_file_makes_it_fail(tmp_path, capsys):
    assert main([], tmp_path) == 0
    written = capsys.readouterr().out.splitlines()
    assert sorted(written) == sorted(str(file.path) for file in generated_files())
    assert main(["--check"], tmp_path) == 0

    touched = tmp_path / "alerts/generated/reachability.rules.yaml"
    touched.write_text(touched.read_text().replace("15s", "99s"))
    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == (
        "alerts/generated/reachability.rules.yaml differs from what is generated; run `make generate`\n"
    )
    assert "99s" in touched.read_text(), "a check must not write"


def test_generated_files_lie_in_the_tree_and_are_unique():
    paths = [file.path for file in generated_files()]
    assert len(paths) == len(set(paths))
    assert all((ROOT / path).is_relative_to(ROOT) and not path.is_absolute() for path in paths)
