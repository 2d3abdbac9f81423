# The commands of this project; `make help` lists them. CMake does the building, this file only calls it.
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

BUILD := build
DEMO := $(BUILD)/demo

.PHONY: help setup build test test-python test-engines demo docs prove-anchors generate-anchors bench fuzz format asan tsan clean
.DEFAULT_GOAL := help

help:
	@echo 'make setup    install the Debian packages that are missing (the others do it too)'
	@echo 'make build    build the program: build/leaven'
	@echo 'make learn    install libtorch and build leaven-learn too, for leaven prove'
	@echo 'make demo     draw a small dataset, augment it, explain one result'
	@echo 'make test     build and run every test'
	@echo 'make test-python  build the Python package, install it in build-venv and test it there'
	@echo 'make test-engines the same beside PyTorch, Hugging Face, albumentations, JAX and others (hundreds of megabytes)'
	@echo 'make docs     make the site of the documentation in build/site (MkDocs-Material, from PyPI)'
	@echo 'make bench    measure the speed, in interleaved pairs'
	@echo 'make prove-anchors  prove on MNIST and CIFAR-10 (LEAVEN_DATA) what has been measured before'
	@echo 'make generate-anchors  the same for generators, on Adult, mammography and MNIST'
	@echo 'make fuzz     run every fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS) each (clang)'
	@echo 'make asan     run every test under AddressSanitizer and UBSan'
	@echo 'make tsan     run every test under ThreadSanitizer'
	@echo 'make format   lay out every C++ file with clang-format'
	@echo 'make clean    remove what was built'

setup:
	@tools/setup.sh build

# One build folder a preset. CMake runs again by itself when a CMakeLists.txt or a list of files changes, so only a
# fresh folder or changed presets need it here.
$(BUILD)/build.ninja: CMakePresets.json | setup
	cmake --preset release
	@touch $@
build-%/build.ninja: CMakePresets.json | setup
	cmake --preset $*
	@touch $@
build-fuzz/build.ninja: | setup-fuzz

.PHONY: setup-fuzz
setup-fuzz:
	@tools/setup.sh build fuzz

build: setup $(BUILD)/build.ninja
	cmake --build $(BUILD) -j $(JOBS) --target programs

# leaven-learn needs libtorch, which is large: only who tests or asks for it gets it. A build folder from before looks again.
.PHONY: setup-learn learn
setup-learn: setup
	@tools/setup.sh learn
	cmake --preset release
learn: setup-learn
	cmake --build $(BUILD) -j $(JOBS) --target programs

test: setup-learn
	cmake --build $(BUILD) -j $(JOBS)
	@tools/run_tests.sh $(BUILD)

test-python: setup
	@tools/run_python_tests.sh build-venv python/tests

# Debian's torch is one for Debian's Python, and wants NumPy 1: the package's own tests run with that here, too.
# Its prove() starts the real program.
test-engines: learn
	@tools/setup.sh engines
	@LEAVEN_PROGRAM=$(CURDIR)/$(BUILD)/leaven PYTHON=/usr/bin/python3 tools/run_python_tests.sh build-venv-engines python/tests_engines:python/tests --system-site-packages

asan tsan: %: setup build-%/build.ninja
	cmake --build build-$@ -j $(JOBS)
	@tools/run_tests.sh build-$@

demo: build
	cmake --build $(BUILD) -j $(JOBS) --target draw_shapes
	@tools/demo.sh $(BUILD) $(DEMO)

# The site's pages of ops and their pictures come from the program itself.
docs: build
	cmake --build $(BUILD) -j $(JOBS) --target draw_shapes
	@tools/make_site.sh $(BUILD) build-venv-docs

prove-anchors: learn
	@tools/prove_anchors.sh $(BUILD) $(BUILD)/prove_anchors

generate-anchors: learn
	cmake --build $(BUILD) -j $(JOBS) --target bench_new_rows bench_new_numbers bench_rare_class
	@tools/generate_anchors.sh $(BUILD) $(BUILD)/generate_anchors

bench: learn
	cmake --build $(BUILD) -j $(JOBS) --target bench bench_learn
	@bench/run.sh $(BUILD)

fuzz: setup-fuzz build-fuzz/build.ninja
	cmake --build build-fuzz -j $(JOBS) --target fuzzers
	@tools/run_fuzzers.sh build-fuzz $(FUZZ_SECONDS)

format:
	@tools/setup.sh format
	git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-14 -i

clean:
	rm -rf build build-asan build-tsan build-fuzz build-python build-venv build-venv-engines build-venv-docs
